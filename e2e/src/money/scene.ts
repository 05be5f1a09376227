import type { Database } from '@yunshang/db';
import type { Stack } from '@yunshang/devstack';
import type { CreateOrder, Order, Yunshang } from '@yunshang/sdk';
import { must, type Steps } from '../steps.ts';

export type Scene = {
  stack: Stack;
  database: Database;
  /** Asks, and the other who agrees. */
  finance: Yunshang;
  second: Yunshang;
  steps: Steps;
  /** What the day must come to, kept beside what is done and never read from the system. */
  expected: Expected;
};
export type Expected = { paidFen: number; payments: number; refundedFen: number; refunds: number };

export const nothingYet = (): Expected => ({ paidFen: 0, payments: 0, refundedFen: 0, refunds: 0 });

/** An order's number at WeChat, as finance sees it. */
export async function numberOf({ finance }: Pick<Scene, 'finance'>, order: Pick<Order, 'id'>): Promise<string> {
  return (await finance.sales.get(order.id)).outTradeNo;
}

/** Orders and pays; whether we hear of it is the weather's business. */
export async function pay(scene: Scene, ys: Yunshang, wish: CreateOrder): Promise<Order> {
  const order = await ys.orders.create(wish);
  await payOrder(scene, order, order.amountFen);
  return order;
}

export async function payOrder(scene: Scene, order: Order, paidFen: number): Promise<void> {
  const { control } = scene.stack.sandbox;
  if (order.jsapi === null) await control.pay(await numberOf(scene, order));
  else await control.payByClient(order.jsapi);
  scene.expected.paidFen += paidFen;
  scene.expected.payments += 1;
}

/** Buys, and waits until it is there. */
export async function buy(scene: Scene, ys: Yunshang, wish: CreateOrder): Promise<Order> {
  const order = await pay(scene, ys, wish);
  const paid = await ys.orders.waitUntilPaid(order.id, { everyMs: 100 });
  must(paid.status === 'paid', `order ${order.id} is paid`);
  return paid;
}

export const available = async (ys: Yunshang): Promise<number> => (await ys.quota.balance()).available;

/** Days of membership that are left, rounded. */
export async function daysLeft(ys: Yunshang): Promise<number> {
  const { membership } = await ys.account.get();
  return membership === null ? 0 : Math.round((Date.parse(membership.endsAt) - Date.now()) / 86_400_000);
}
