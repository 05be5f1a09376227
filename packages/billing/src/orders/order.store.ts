import { type OrderStatus, planSchema } from '@yunshang/contracts';
import { type Db, fromJson, newId, type OrdersTable, toJson, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import type { Payment } from '../payments/wechat/transaction.ts';
import { type PaymentOutcome, statesBefore, type StoredOrder } from './order.ts';

export type PaymentSource = 'notification' | 'query';

/** Writes a new pending order of the native channel. */
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
      channel: 'native',
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

/** Locks the order until the transaction ends; the member's row is locked before it. */
export async function lockOrder(tx: Tx, orderId: string): Promise<StoredOrder> {
  const row = await tx.selectFrom('orders').selectAll().where('id', '=', orderId).forUpdate().executeTakeFirstOrThrow();
  return toStored(row);
}

/** Moves the order from any state that may become `to`; false when it is in none of those (any more). */
export async function moveOrder(
  tx: Tx,
  move: { orderId: string; to: OrderStatus; now: Date; paidAt?: Date; closedAt?: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('orders')
    .set({
      status: move.to,
      updated_at: move.now,
      ...(move.paidAt === undefined ? {} : { paid_at: move.paidAt }),
      ...(move.closedAt === undefined ? {} : { closed_at: move.closedAt }),
    })
    .where('id', '=', move.orderId)
    .where('status', 'in', statesBefore(move.to))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Keeps the code of a pending order. */
export async function saveCode(tx: Tx, input: { orderId: string; codeUrl: string; now: Date }): Promise<void> {
  await tx
    .updateTable('orders')
    .set({ code_url: input.codeUrl, updated_at: input.now })
    .where('id', '=', input.orderId)
    .where('status', '=', 'pending')
    .execute();
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

function toStored(row: Selectable<OrdersTable>): StoredOrder {
  return {
    id: row.id,
    userId: row.user_id,
    outTradeNo: row.out_trade_no,
    plan: planSchema.parse(fromJson(row.plan_snapshot)),
    amountFen: row.amount_fen,
    currency: row.currency,
    status: row.status,
    codeUrl: row.code_url,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    paidAt: row.paid_at,
  };
}
