import { AppError, type JsapiParams, type Order, type OrderDetail, type OrderRecord } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { listPayments, listRefundsOf, toRefund } from '../refunds/refund.store.ts';
import { type StoredOrder, toOrder } from './order.ts';
import { findOrder, findOrderByAnyNumber, listOrders } from './order.store.ts';
import type { OrderSearch } from './orders.ts';

type Sign = (prepayId: string) => JsapiParams;

/** An order as its owner sees it. */
export async function viewOrder(db: Db, order: StoredOrder, sign: Sign): Promise<Order> {
  const refundedFen = (await refundedOf(db, [order])).get(order.id) ?? 0;
  return toOrder(order, { sign, refundedFen });
}

/** A page of one member's. */
export async function viewOrders(
  db: Db,
  page: { userId: string; cursor?: string | undefined; limit: number },
  sign: Sign,
): Promise<{ items: Order[]; nextCursor: string | null }> {
  const { items, nextCursor } = await listOrders(db, page);
  const refunded = await refundedOf(db, items);
  return {
    items: items.map((order) => toOrder(order, { sign, refundedFen: refunded.get(order.id) ?? 0 })),
    nextCursor,
  };
}

/** What has gone back, by order; nothing is asked for orders that were never paid. */
async function refundedOf(db: Db, orders: readonly StoredOrder[]): Promise<Map<string, number>> {
  const paid = orders.filter(({ paidAt }) => paidAt !== null).map(({ id }) => id);
  const sums = new Map<string, number>();
  for (const refund of await listRefundsOf(db, paid))
    if (refund.status === 'succeeded') sums.set(refund.orderId, (sums.get(refund.orderId) ?? 0) + refund.amountFen);
  return sums;
}

/** By number there is one or none. */
export async function searchOrders(
  db: Db,
  search: OrderSearch,
): Promise<{ items: OrderRecord[]; nextCursor: string | null }> {
  if (search.number === undefined) {
    const { items, nextCursor } = await listOrders(db, search);
    return { items: items.map(toRecord), nextCursor };
  }
  const order = await findOrderByAnyNumber(db, search.number);
  const fits =
    order !== undefined &&
    (search.userId === undefined || search.userId === order.userId) &&
    (search.status === undefined || search.status === order.status);
  return { items: fits ? [toRecord(order)] : [], nextCursor: null };
}

export async function getDetail(db: Db, orderId: string): Promise<OrderDetail> {
  const order = await findOrder(db, orderId);
  if (order === undefined) throw new AppError('ORDER_NOT_FOUND');
  const [payments, refunds] = await Promise.all([listPayments(db, orderId), listRefundsOf(db, [orderId])]);
  return {
    ...toRecord(order),
    payments: payments.map(({ orderId: _order, paidAt, ...payment }) => ({ ...payment, paidAt: paidAt.toISOString() })),
    refunds: refunds.map(toRefund),
  };
}

function toRecord(order: StoredOrder): OrderRecord {
  return {
    id: order.id,
    userId: order.userId,
    outTradeNo: order.outTradeNo,
    planId: order.plan.planId,
    planVersion: order.plan.version,
    amountFen: order.amountFen,
    channel: order.payer.channel,
    status: order.status,
    createdAt: order.createdAt.toISOString(),
    expiresAt: order.expiresAt.toISOString(),
    paidAt: order.paidAt?.toISOString() ?? null,
    closedAt: order.closedAt?.toISOString() ?? null,
  };
}
