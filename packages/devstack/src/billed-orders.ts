import { inTransaction, newId, type Db } from '@yunshang/db';
import { makeMembers, type MadeMember } from './members.ts';
import type { SandboxControl } from './sandbox-control.ts';

export type BilledOrder = MadeMember & { transactionId: string };
export type BilledRefund = BilledOrder & { outRefundNo: string; vendorRefundId: string };

const DAY_MS = 86_400_000;
const CHUNK = 1_000;
const PAID_FEN = 9_900;

/** `count` members who have paid at that time, here and in WeChat's book alike. */
export async function makeBilledOrders(
  { db, control, mchid }: { db: Db; control: Pick<SandboxControl, 'book'>; mchid: string },
  { count, paidAt }: { count: number; paidAt: Date },
): Promise<BilledOrder[]> {
  const made: BilledOrder[] = [];
  while (made.length < count) {
    const endsAt = new Date(paidAt.getTime() + 30 * DAY_MS);
    const members = await makeMembers(db, Math.min(CHUNK, count - made.length), { startsAt: paidAt, endsAt });
    const orders = members.map((member) => ({ ...member, transactionId: member.orderId }));
    await db
      .updateTable('payment_transactions')
      .set({ mchid })
      .where(
        'order_id',
        'in',
        orders.map(({ orderId }) => orderId),
      )
      .execute();
    await control.book(
      orders.map(({ orderId: outTradeNo, transactionId }) => ({
        outTradeNo,
        transactionId,
        totalFen: PAID_FEN,
        paidAt,
      })),
    );
    made.push(...orders);
  }
  return made;
}

/** A part of the payment refunded here at that time, as a refund that succeeded leaves its rows; WeChat's book is left alone. */
export async function makeRefund(
  db: Db,
  order: BilledOrder,
  of: { refundFen: number; at: Date; outRefundNo?: string },
): Promise<BilledRefund> {
  const id = newId();
  const { refundFen, at } = of;
  const outRefundNo = of.outRefundNo ?? id;
  const vendorRefundId = `50${id}`;
  await inTransaction(db, async (tx) => {
    const payments = tx
      .selectFrom('payment_transactions')
      .select('id')
      .where('transaction_id', '=', order.transactionId);
    const payment = await payments.executeTakeFirstOrThrow();
    await tx
      .updateTable('payment_transactions')
      .set((eb) => ({ refunding_fen: eb('refunding_fen', '+', refundFen) }))
      .where('id', '=', payment.id)
      .execute();
    const ids = { order_id: order.orderId, payment_id: payment.id, user_id: order.userId };
    const times = { created_at: at, updated_at: at, succeeded_at: at, ended_at: at };
    await tx
      .insertInto('order_refunds')
      .values({
        ...ids,
        ...times,
        id,
        out_refund_no: outRefundNo,
        vendor_refund_id: vendorRefundId,
        cause: 'finance',
        reason: 'made',
        amount_fen: refundFen,
        status: 'succeeded',
      })
      .execute();
    await tx
      .insertInto('money_entries')
      .values({
        ...ids,
        kind: 'refund',
        amount_fen: -refundFen,
        refund_id: id,
        effect_key: `refund:${id}`,
        occurred_at: at,
        posted_at: at,
      })
      .execute();
    await tx
      .updateTable('orders')
      .set({ status: 'partially_refunded' })
      .where('id', '=', order.orderId)
      .where('status', 'in', ['paid', 'partially_refunded'])
      .execute();
  });
  return { ...order, outRefundNo, vendorRefundId };
}
