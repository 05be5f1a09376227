import type { Db, Tx } from '@yunshang/db';

type Span = { from: Date; to: Date };

/** They were found in that day's bill. */
export async function markBilled(
  tx: Tx,
  billed: { day: string; paymentIds: readonly string[]; refundIds: readonly string[] },
): Promise<void> {
  const { day, paymentIds, refundIds } = billed;
  if (paymentIds.length > 0)
    await tx.updateTable('payment_transactions').set({ billed_on: day }).where('id', 'in', paymentIds).execute();
  if (refundIds.length > 0)
    await tx.updateTable('order_refunds').set({ billed_on: day }).where('id', 'in', refundIds).execute();
}

/** They are not in that day's bill, whatever an earlier one of it said. */
export async function unmarkBilled(db: Db, paymentIds: readonly string[]): Promise<void> {
  if (paymentIds.length > 0)
    await db.updateTable('payment_transactions').set({ billed_on: null }).where('id', 'in', paymentIds).execute();
}

export type DatedPayment = { id: string; orderId: string; transactionId: string; amountFen: number; at: Date };

/** Our payments of a span by the vendor's time, in pages of their order. */
export async function listPaymentsBetween(
  db: Db,
  page: { mchid: string; span: Span; after: DatedPayment | undefined; limit: number },
): Promise<DatedPayment[]> {
  const { span, after } = page;
  const rows = await db
    .selectFrom('payment_transactions')
    .select(['id', 'order_id', 'transaction_id', 'amount_fen', 'success_time'])
    .where('mchid', '=', page.mchid)
    .where('success_time', '>=', after?.at ?? span.from)
    .where('success_time', '<', span.to)
    .where((eb) =>
      after === undefined
        ? eb.lit(true)
        : eb.or([
            eb('success_time', '>', after.at),
            eb.and([eb('success_time', '=', after.at), eb('id', '>', after.id)]),
          ]),
    )
    .orderBy('success_time')
    .orderBy('id')
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    transactionId: row.transaction_id,
    amountFen: row.amount_fen,
    at: row.success_time,
  }));
}

export type DatedRefund = { orderId: string; outRefundNo: string; vendorRefundId: string; amountFen: number; at: Date };

/** Refunds begun in the span that WeChat Pay has taken and no other day's bill has shown. */
export async function listUnbilledRefunds(
  db: Db,
  of: { mchid: string; span: Span; day: string },
): Promise<DatedRefund[]> {
  const rows = await db
    .selectFrom('order_refunds as r')
    .innerJoin('payment_transactions as p', 'p.id', 'r.payment_id')
    .select(['r.order_id', 'r.out_refund_no', 'r.vendor_refund_id', 'r.amount_fen', 'r.created_at'])
    .where('p.mchid', '=', of.mchid)
    .where('r.created_at', '>=', of.span.from)
    .where('r.created_at', '<', of.span.to)
    .where('r.vendor_refund_id', 'is not', null)
    .where((eb) => eb.or([eb('r.billed_on', 'is', null), eb('r.billed_on', '=', new Date(`${of.day}T00:00:00.000Z`))]))
    .orderBy('r.id')
    .execute();
  return rows.map((row) => ({
    orderId: row.order_id,
    outRefundNo: row.out_refund_no,
    vendorRefundId: row.vendor_refund_id ?? '',
    amountFen: row.amount_fen,
    at: row.created_at,
  }));
}
