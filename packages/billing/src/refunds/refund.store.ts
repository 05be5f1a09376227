import type { Refund, RefundCause, RefundStatus } from '@yunshang/contracts';
import { type Db, newId, type OrderRefundsTable, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { isRefundOpen, refundStatesBefore } from './refund.ts';

/** A refund as it is stored. */
export type StoredRefund = Omit<Refund, 'createdAt' | 'succeededAt'> & {
  createdAt: Date;
  succeededAt: Date | null;
  /** Level of the membership that ended with it. */
  removedLevel: number | null;
  /** When WeChat Pay was last asked to do it. */
  askedAt: Date | null;
};

export type NewRefund = {
  orderId: string;
  paymentId: string;
  userId: string;
  cause: RefundCause;
  reason: string;
  amountFen: number;
  clawedQuota: number;
  dueQuota: number;
  removedMs: number;
  removedLevel: number | null;
  requestedBy: string | null;
  approvalId: string | null;
  /** Its own id unless WeChat Pay knows it under another number. */
  outRefundNo?: string;
  now: Date;
};

/** Writes a refund that the vendor does not know of yet; its number stays the same whatever happens. */
export async function insertRefund(tx: Tx, refund: NewRefund): Promise<StoredRefund> {
  const id = newId();
  const outRefundNo = refund.outRefundNo ?? id;
  await tx
    .insertInto('order_refunds')
    .values({
      id,
      order_id: refund.orderId,
      payment_id: refund.paymentId,
      user_id: refund.userId,
      out_refund_no: outRefundNo,
      cause: refund.cause,
      reason: refund.reason,
      amount_fen: refund.amountFen,
      clawed_quota: refund.clawedQuota,
      due_quota: refund.dueQuota,
      removed_ms: refund.removedMs,
      removed_level: refund.removedLevel,
      status: 'intended',
      requested_by: refund.requestedBy,
      approval_id: refund.approvalId,
      created_at: refund.now,
      updated_at: refund.now,
    })
    .execute();
  const { now: createdAt, ...kept } = refund;
  return {
    ...kept,
    id,
    outRefundNo,
    status: 'intended',
    vendorCode: null,
    createdAt,
    succeededAt: null,
    askedAt: null,
  };
}

export async function findRefund(db: Db, refundId: string): Promise<StoredRefund | undefined> {
  const row = await db.selectFrom('order_refunds').selectAll().where('id', '=', refundId).executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** By the number WeChat Pay knows it under. */
export async function findRefundByNumber(db: Db, outRefundNo: string): Promise<StoredRefund | undefined> {
  const row = await db
    .selectFrom('order_refunds')
    .selectAll()
    .where('out_refund_no', '=', outRefundNo)
    .executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** Locks the refund until the transaction ends; the member's and the order's rows are locked before it. */
export async function lockRefund(tx: Tx, refundId: string): Promise<StoredRefund> {
  const row = await tx
    .selectFrom('order_refunds')
    .selectAll()
    .where('id', '=', refundId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return toStored(row);
}

/** Of these orders, the oldest first. */
export async function listRefundsOf(db: Db, orderIds: readonly string[]): Promise<StoredRefund[]> {
  if (orderIds.length === 0) return [];
  const rows = await db
    .selectFrom('order_refunds')
    .selectAll()
    .where('order_id', 'in', orderIds)
    .orderBy('id')
    .execute();
  return rows.map(toStored);
}

/** The newest first. */
export async function listRefunds(
  db: Db,
  page: {
    orderId?: string | undefined;
    userId?: string | undefined;
    status?: RefundStatus | undefined;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<{ items: StoredRefund[]; nextCursor: string | null }> {
  let query = db.selectFrom('order_refunds').selectAll().orderBy('id', 'desc');
  if (page.orderId !== undefined) query = query.where('order_id', '=', page.orderId);
  if (page.userId !== undefined) query = query.where('user_id', '=', page.userId);
  if (page.status !== undefined) query = query.where('status', '=', page.status);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toStored);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

export type RefundMove = {
  refundId: string;
  to: RefundStatus;
  now: Date;
  vendorRefundId?: string | undefined;
  vendorCode?: string | undefined;
  succeededAt?: Date | undefined;
};

/** From any state that may become `to`; false when it is in none of those (any more). */
export async function moveRefund(tx: Tx, move: RefundMove): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('order_refunds')
    .set({
      status: move.to,
      updated_at: move.now,
      ...(isRefundOpen(move.to) ? {} : { ended_at: move.now }),
      ...(move.vendorRefundId === undefined ? {} : { vendor_refund_id: move.vendorRefundId }),
      ...(move.vendorCode === undefined ? {} : { vendor_code: move.vendorCode.slice(0, 40) }),
      ...(move.succeededAt === undefined ? {} : { succeeded_at: move.succeededAt }),
    })
    .where('id', '=', move.refundId)
    .where('status', 'in', refundStatesBefore(move.to))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Notes that WeChat Pay is about to be asked; false when the refund has ended, and then it must not be. */
export async function noteAsking(db: Db, refundId: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('order_refunds')
    .set({ asked_at: now, updated_at: now })
    .where('id', '=', refundId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A running task gave something back of what this refund still had to take. */
export async function takeDue(tx: Tx, refundId: string, amount: number): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('order_refunds')
    .set((eb) => ({ clawed_quota: eb('clawed_quota', '+', amount), due_quota: eb('due_quota', '-', amount) }))
    .where('id', '=', refundId)
    .where('due_quota', '>=', amount)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error('a refund is due less than its grant');
}

export type RefundPayment = {
  id: string;
  orderId: string;
  outcome: 'granted' | 'amount_mismatch' | 'paid_after_close' | 'second_payment';
  transactionId: string;
  amountFen: number;
  currency: string;
  refundingFen: number;
};

/** The order's payments, the oldest first. */
export async function listPayments(
  db: Db,
  orderId: string,
): Promise<(RefundPayment & { source: 'notification' | 'query'; paidAt: Date })[]> {
  const rows = await db
    .selectFrom('payment_transactions')
    .selectAll()
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    outcome: row.outcome,
    transactionId: row.transaction_id,
    amountFen: row.amount_fen,
    currency: row.currency,
    refundingFen: row.refunding_fen,
    source: row.source,
    paidAt: row.success_time,
  }));
}

/** Promises so much of a payment back; false when less than that is left of it. The CHECK has the last word. */
export async function promiseBack(tx: Tx, paymentId: string, amountFen: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('payment_transactions')
    .set((eb) => ({ refunding_fen: eb('refunding_fen', '+', amountFen) }))
    .where('id', '=', paymentId)
    .where((eb) => eb('amount_fen', '>=', eb('refunding_fen', '+', amountFen)))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** A refund has failed for good: the payment can be refunded again. */
export async function takePromiseBack(tx: Tx, paymentId: string, amountFen: number): Promise<void> {
  await tx
    .updateTable('payment_transactions')
    .set((eb) => ({ refunding_fen: eb('refunding_fen', '-', amountFen) }))
    .where('id', '=', paymentId)
    .execute();
}

/** The refund as an API answers it. */
export function toRefund({ removedLevel: _level, askedAt: _asked, ...refund }: StoredRefund): Refund {
  return {
    ...refund,
    createdAt: refund.createdAt.toISOString(),
    succeededAt: refund.succeededAt?.toISOString() ?? null,
  };
}

function toStored(row: Selectable<OrderRefundsTable>): StoredRefund {
  return {
    id: row.id,
    orderId: row.order_id,
    paymentId: row.payment_id,
    userId: row.user_id,
    outRefundNo: row.out_refund_no,
    cause: row.cause,
    reason: row.reason,
    amountFen: row.amount_fen,
    clawedQuota: row.clawed_quota,
    dueQuota: row.due_quota,
    removedMs: row.removed_ms,
    removedLevel: row.removed_level,
    status: row.status,
    vendorCode: row.vendor_code,
    requestedBy: row.requested_by,
    approvalId: row.approval_id,
    createdAt: row.created_at,
    succeededAt: row.succeeded_at,
    askedAt: row.asked_at,
  };
}
