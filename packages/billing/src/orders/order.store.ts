import { H5_TYPES, type OrderStatus, planSchema } from '@yunshang/contracts';
import { type Db, fromJson, newId, type OrdersTable, toJson, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Payment } from '../payments/wechat/transaction.ts';
import { canMove, type Payer, type PaymentOutcome, type StoredOrder } from './order.ts';

export type PaymentSource = 'notification' | 'query';

/** Writes a new pending order. A unique key refuses a second one that is open for the same plan. */
export async function insertOrder(tx: Tx, order: StoredOrder): Promise<void> {
  await tx
    .insertInto('orders')
    .values({
      id: order.id,
      user_id: order.userId,
      out_trade_no: order.outTradeNo,
      plan_id: order.plan.planId,
      plan_version: order.plan.version,
      plan_snapshot: toJson(order.plan),
      amount_fen: order.amountFen,
      currency: order.currency,
      channel: order.payer.channel,
      payer: order.payer.channel === 'native' ? null : toJson(order.payer),
      status: 'pending',
      created_at: order.createdAt,
      expires_at: order.expiresAt,
      updated_at: order.createdAt,
    })
    .execute();
}

/** The order by its id; with `userId`, only if it is that member's. */
export async function findOrder(db: Db, orderId: string, userId?: string): Promise<StoredOrder | undefined> {
  let query = db.selectFrom('orders').selectAll().where('id', '=', orderId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** The order by the number WeChat Pay knows it under. */
export async function findOrderByNumber(db: Db, outTradeNo: string): Promise<StoredOrder | undefined> {
  const row = await db.selectFrom('orders').selectAll().where('out_trade_no', '=', outTradeNo).executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** The order a payment is for, and the id of the order it is recorded for already; in one question. */
export async function findPaidOrder(
  db: Db,
  { outTradeNo, mchid, transactionId }: Pick<Payment, 'outTradeNo' | 'mchid' | 'transactionId'>,
): Promise<{ order: StoredOrder; recordedFor: string | null } | undefined> {
  const row = await db
    .selectFrom('orders')
    .leftJoin('payment_transactions as known', (join) =>
      join.on('known.mchid', '=', mchid).on('known.transaction_id', '=', transactionId),
    )
    .selectAll('orders')
    .select('known.order_id as recorded_for')
    .where('orders.out_trade_no', '=', outTradeNo)
    .executeTakeFirst();
  return row === undefined ? undefined : { order: toStored(row), recordedFor: row.recorded_for };
}

/** Locks the order until the transaction ends; the member's row is locked before it. */
export async function lockOrder(tx: Tx, orderId: string): Promise<StoredOrder> {
  const row = await tx.selectFrom('orders').selectAll().where('id', '=', orderId).forUpdate().executeTakeFirstOrThrow();
  return toStored(row);
}

/** The member's order for the plan that is still to be paid; there is one at most. */
export async function findOpenOrder(db: Db, userId: string, planId: string): Promise<StoredOrder | undefined> {
  const row = await db
    .selectFrom('orders')
    .selectAll()
    .where('user_id', '=', userId)
    .where('open_plan', '=', planId)
    .executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** The newest first. */
export async function listOrders(
  db: Db,
  page: { userId?: string | undefined; status?: OrderStatus | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: StoredOrder[]; nextCursor: string | null }> {
  let query = db.selectFrom('orders').selectAll().orderBy('id', 'desc');
  if (page.userId !== undefined) query = query.where('user_id', '=', page.userId);
  if (page.status !== undefined) query = query.where('status', '=', page.status);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toStored);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/** By our number, WeChat's number of a payment, or the id. */
export async function findOrderByAnyNumber(db: Db, number: string): Promise<StoredOrder | undefined> {
  const own = (await findOrder(db, number)) ?? (await findOrderByNumber(db, number));
  if (own !== undefined) return own;
  const paid = await db
    .selectFrom('payment_transactions')
    .select('order_id')
    .where('transaction_id', '=', number)
    .executeTakeFirst();
  return paid === undefined ? undefined : findOrder(db, paid.order_id);
}

/** Moves the order on from where it was seen to be; false when it is not there (any more), or such a move does not exist. */
export async function moveOrder(
  tx: Tx,
  move: {
    order: Pick<StoredOrder, 'id' | 'status'>;
    to: OrderStatus;
    now: Date;
    paidAt?: Date;
    closedAt?: Date;
  },
): Promise<boolean> {
  if (!canMove(move.order.status, move.to)) return false;
  const { numUpdatedRows } = await tx
    .updateTable('orders')
    .set({
      status: move.to,
      updated_at: move.now,
      ...(move.paidAt === undefined ? {} : { paid_at: move.paidAt }),
      ...(move.closedAt === undefined ? {} : { closed_at: move.closedAt }),
    })
    .where('id', '=', move.order.id)
    .where('status', '=', move.order.status)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** What WeChat Pay gave to pay with. */
export type PayWith = { codeUrl?: string; prepayId?: string; h5Url?: string };

/** Keeps it while the order is pending. */
export async function savePayWith(tx: Tx, input: { orderId: string; payWith: PayWith; now: Date }): Promise<void> {
  const { codeUrl, prepayId, h5Url } = input.payWith;
  await tx
    .updateTable('orders')
    .set({
      updated_at: input.now,
      ...(codeUrl === undefined ? {} : { code_url: codeUrl }),
      ...(prepayId === undefined ? {} : { prepay_id: prepayId }),
      ...(h5Url === undefined ? {} : { h5_url: h5Url }),
    })
    .where('id', '=', input.orderId)
    .where('status', '=', 'pending')
    .execute();
}

/** How long what was bought lasts; for plans sold by the month, which are not all as long. */
export async function saveBoughtTime(tx: Tx, input: { orderId: string; boughtMs: number }): Promise<void> {
  await tx.updateTable('orders').set({ bought_ms: input.boughtMs }).where('id', '=', input.orderId).execute();
}

/** The order that a vendor's transaction has been recorded for. */
export async function findRecordedPayment(
  tx: Tx,
  payment: Pick<Payment, 'mchid' | 'transactionId'>,
): Promise<{ orderId: string } | undefined> {
  const row = await tx
    .selectFrom('payment_transactions')
    .select('order_id')
    .where('mchid', '=', payment.mchid)
    .where('transaction_id', '=', payment.transactionId)
    .executeTakeFirst();
  return row === undefined ? undefined : { orderId: row.order_id };
}

/** Records a payment and what came of it; the vendor's transaction id can be recorded once. Returns the row's id. */
export async function insertPayment(
  tx: Tx,
  input: { orderId: string; payment: Payment; source: PaymentSource; outcome: PaymentOutcome; now: Date },
): Promise<string> {
  const id = newId();
  await tx
    .insertInto('payment_transactions')
    .values({
      id,
      order_id: input.orderId,
      mchid: input.payment.mchid,
      transaction_id: input.payment.transactionId,
      source: input.source,
      amount_fen: input.payment.amountFen,
      currency: input.payment.currency,
      outcome: input.outcome,
      success_time: input.payment.successTime,
      created_at: input.now,
    })
    .execute();
  return id;
}

const payerSchema = z.discriminatedUnion('channel', [
  z.object({ channel: z.literal('jsapi'), openid: z.string() }),
  z.object({ channel: z.literal('h5'), ip: z.string(), h5Type: z.enum(H5_TYPES) }),
]);

function payerOf(row: Selectable<OrdersTable>): Payer {
  return row.channel === 'native' ? { channel: 'native' } : payerSchema.parse(fromJson(row.payer));
}

function toStored(row: Selectable<OrdersTable>): StoredOrder {
  return {
    id: row.id,
    userId: row.user_id,
    outTradeNo: row.out_trade_no,
    plan: planSchema.parse(fromJson(row.plan_snapshot)),
    amountFen: row.amount_fen,
    currency: row.currency,
    status: row.status,
    payer: payerOf(row),
    codeUrl: row.code_url,
    prepayId: row.prepay_id,
    h5Url: row.h5_url,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paidAt: row.paid_at,
    closedAt: row.closed_at,
  };
}
