import { connect, type Database } from '@yunshang/db';
import { startStack, type Stack, until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import type { Order, Yunshang } from '@yunshang/sdk';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { scanAndPay } from '../src/journey.ts';
import { member, signedIn } from '../src/members.ts';
import { admin } from '../src/operate.ts';

let stack: Stack;
let database: Database;

vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const env = { OUTBOX_POLL_MS: '100', ORDER_QUERY_SCHEDULE_MS: '2000,4000,6000,600000' };
  // Refused notifications are told again after 15 s: beyond these tests, which tell them when they want to.
  stack = await startStack({ timeScale: 1, env });
  database = connect(stack.databaseUrl);
});
afterEach(() => stack.sandbox.control.clearFaults());
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

async function outTradeNo(order: Order): Promise<string> {
  const row = await database.db
    .selectFrom('orders')
    .select('out_trade_no')
    .where('id', '=', order.id)
    .executeTakeFirstOrThrow();
  return row.out_trade_no;
}

const grantsOf = async (ys: Yunshang): Promise<number> => (await ys.quota.balance()).grants.length;

/** Paid at the vendor, who tells nobody. */
async function paidInSilence(): Promise<{ ys: Yunshang; order: Order }> {
  const ys = await signedIn(stack);
  const order = await ys.orders.create({ planId: 'BASIC' });
  await stack.sandbox.control.fault({ vendor: 'wechat', kind: 'notify_never' });
  await scanAndPay(stack, order.codeUrl);
  return { ys, order };
}

test('15 notifications at once: one grant, and the vendor is told that all is well', async () => {
  const { ys, order } = await paidInSilence();
  const statuses = await stack.sandbox.control.notify({
    outTradeNo: await outTradeNo(order),
    count: 15,
    parallel: true,
  });
  expect(statuses).toEqual(Array.from({ length: 15 }, () => 204));
  expect(await grantsOf(ys)).toBe(1);
  expect((await ys.quota.balance()).available).toBe(100);
  expect((await ys.orders.get(order.id)).status).toBe('paid');
});

test.each([
  'notify_tampered_ciphertext',
  'notify_tampered_body',
  'notify_signtest',
  'notify_unknown_serial',
  'notify_stale',
] as const)('%s is refused, grants nothing, and the true one still counts', async (kind) => {
  const { ys, order } = await paidInSilence();
  const number = await outTradeNo(order);
  const [status] = await stack.sandbox.control.notify({ outTradeNo: number, kind });
  expect(status).toBe(401);
  expect(await grantsOf(ys)).toBe(0);
  expect(await stack.sandbox.control.notify({ outTradeNo: number })).toEqual([204]);
  expect(await grantsOf(ys)).toBe(1);
});

test.each(['notify_wrong_amount', 'notify_wrong_currency', 'notify_wrong_appid', 'notify_wrong_mchid'] as const)(
  '%s is kept for an operator and never grants',
  async (kind) => {
    const { ys, order } = await paidInSilence();
    const number = await outTradeNo(order);
    await stack.sandbox.control.notify({
      outTradeNo: number,
      kind,
      ...(kind === 'notify_wrong_amount' ? { totalFen: 1 } : {}),
    });
    expect((await ys.orders.get(order.id)).status).not.toBe('paid');
    expect(await grantsOf(ys)).toBe(0);
  },
);

test('a lost notification: the order is found paid by asking', async () => {
  const { ys, order } = await paidInSilence();
  const paid = await ys.orders.waitUntilPaid(order.id, { everyMs: 100 });
  expect(paid.status).toBe('paid');
  expect(await grantsOf(ys)).toBe(1);
  // And when the notification comes after all, it changes nothing.
  expect(await stack.sandbox.control.notify({ outTradeNo: await outTradeNo(order) })).toEqual([204]);
  expect(await grantsOf(ys)).toBe(1);
});

test('a notification that comes before the order’s own answer counts', async () => {
  const ys = await signedIn(stack);
  await stack.sandbox.control.fault({ vendor: 'wechat', kind: 'notify_early' });
  const order = await ys.orders.create({ planId: 'PRO' });
  await until(async () => (await ys.orders.get(order.id)).status === 'paid', {
    what: 'the order to be paid',
    timeoutMs: 20_000,
  });
  expect((await ys.account.get()).membership?.level).toBe(2);
  expect((await ys.quota.balance()).available).toBe(200);
});

test('the vendor down, or silent after it took the order: told so, and the same call again goes on with the same order', async () => {
  const ys = await signedIn(stack);
  const options = { idempotencyKey: 'order-through-trouble' };
  for (const kind of ['error', 'drop'] as const) {
    await stack.sandbox.control.fault({ vendor: 'wechat', kind, times: 'always' });
    await expect(ys.orders.create({ planId: 'BASIC' }, options)).rejects.toMatchObject({ code: 'PAYMENT_UNAVAILABLE' });
    await stack.sandbox.control.clearFaults();
  }
  const order = await ys.orders.create({ planId: 'BASIC' }, options);
  expect(await ys.orders.create({ planId: 'BASIC' }, options)).toEqual(order);
  await expect(ys.orders.create({ planId: 'PRO' }, options)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  const rows = await database.db
    .selectFrom('orders')
    .innerJoin('users', 'users.id', 'orders.user_id')
    .select('orders.id')
    .where('orders.id', '=', order.id)
    .execute();
  expect(rows.length).toBe(1);
  expect(order.codeUrl).toContain('weixin://');
});

test('renewing adds: what is left stays', async () => {
  const ys = await signedIn(stack);
  for (const wanted of [100, 200]) {
    const order = await ys.orders.create({ planId: 'BASIC' });
    await scanAndPay(stack, order.codeUrl);
    await ys.orders.waitUntilPaid(order.id, { everyMs: 50 });
    expect((await ys.quota.balance()).available).toBe(wanted);
  }
  const { membership } = await ys.account.get();
  const days = (Date.parse(membership?.endsAt ?? '') - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(59.9);
});

test('a refund above the limit needs two people; the quota goes at once and the money follows', async () => {
  const [asks, agrees] = [await admin(stack), await admin(stack, '+8613811113333')];
  const ys = await member(stack, 'PREMIUM');
  const [order] = (await ys.orders.list()).items;
  if (order === undefined) throw new Error('the order is not listed');
  await expect(ys.refunds.request({ orderId: order.id, amountFen: 1, reason: 'mine' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
  const wish = { orderId: order.id, amountFen: order.amountFen, reason: 'the shop has closed' };
  const { approval, refund } = await asks.refunds.request(wish, { idempotencyKey: 'all-of-it' });
  expect(refund).toBeNull();
  expect((await asks.refunds.request(wish, { idempotencyKey: 'all-of-it' })).approval?.id).toBe(approval?.id);
  const decision = { approvalId: approval?.id ?? '', decision: 'approve', reason: 'seen the chat' } as const;
  await expect(asks.approvals.decide(decision)).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
  expect((await ys.quota.balance()).available).toBe(500);
  await agrees.approvals.decide(decision);
  expect((await ys.quota.balance()).available).toBe(0);
  expect((await ys.orders.get(order.id)).status).toBe('refunding');
  const [begun] = (await asks.refunds.list({ orderId: order.id })).items;
  if (begun === undefined) throw new Error('nothing was begun');
  const { outTradeNo: number } = await asks.sales.get(order.id);
  const atVendor = async () => (await stack.sandbox.control.order(number)).refunds.length > 0;
  await until(atVendor, { timeoutMs: 20_000 });
  expect(await stack.sandbox.control.refund({ outRefundNo: begun.outRefundNo, status: 'SUCCESS' })).toEqual([204]);
  await until(async () => (await asks.refunds.get(begun.id)).status === 'succeeded');
  expect(await ys.orders.get(order.id)).toMatchObject({ status: 'refunded', refundedFen: 39_900 });
  expect((await asks.sales.search({ number })).items[0]?.status).toBe('refunded');
  expect((await ys.account.get()).membership).toBeNull();
});

test('the books are in order', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
});
