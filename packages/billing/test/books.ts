import { type Db, newId } from '@yunshang/db';

const PRICES = { BASIC: 9_900, PRO: 19_900, PREMIUM: 39_900 } as const;
export type Plan = keyof typeof PRICES;

export type Paid = { userId: string; orderId: string; paymentId: string; amountFen: number; plan: Plan };

/** A payment in the books, as it is when it has been credited. */
export async function bookPayment(
  db: Db,
  of: { userId: string; plan: Plan; at: Date; occurredAt?: Date; outcome?: 'granted' | 'paid_after_close' },
): Promise<Paid> {
  const { userId, plan, at } = of;
  const amountFen = PRICES[plan];
  const paid = { userId, orderId: newId(), paymentId: newId(), amountFen, plan };
  await db
    .insertInto('orders')
    .values({
      id: paid.orderId,
      user_id: userId,
      out_trade_no: paid.orderId,
      plan_id: plan,
      plan_version: 1,
      plan_snapshot: '{}',
      amount_fen: amountFen,
      currency: 'CNY',
      channel: 'native',
      status: 'paid',
      created_at: at,
      expires_at: at,
      paid_at: at,
      updated_at: at,
    })
    .execute();
  await db
    .insertInto('payment_transactions')
    .values({
      id: paid.paymentId,
      order_id: paid.orderId,
      mchid: 'books',
      transaction_id: paid.paymentId,
      source: 'notification',
      amount_fen: amountFen,
      currency: 'CNY',
      outcome: of.outcome ?? 'granted',
      success_time: of.occurredAt ?? at,
      created_at: at,
    })
    .execute();
  await db
    .insertInto('money_entries')
    .values({
      kind: 'payment',
      amount_fen: amountFen,
      order_id: paid.orderId,
      payment_id: paid.paymentId,
      user_id: userId,
      effect_key: `payment:${paid.paymentId}`,
      occurred_at: of.occurredAt ?? at,
      posted_at: at,
    })
    .execute();
  return paid;
}

/** A refund in the books, as it is when it has succeeded. */
export async function bookRefund(db: Db, paid: Paid, of: { amountFen: number; at: Date; since?: Date }): Promise<void> {
  const id = newId();
  await db
    .insertInto('order_refunds')
    .values({
      id,
      order_id: paid.orderId,
      payment_id: paid.paymentId,
      user_id: paid.userId,
      out_refund_no: id,
      cause: 'finance',
      reason: 'books',
      amount_fen: of.amountFen,
      status: 'succeeded',
      created_at: of.since ?? of.at,
      updated_at: of.at,
      succeeded_at: of.at,
      ended_at: of.at,
    })
    .execute();
  await db
    .insertInto('money_entries')
    .values({
      kind: 'refund',
      amount_fen: -of.amountFen,
      order_id: paid.orderId,
      payment_id: paid.paymentId,
      refund_id: id,
      user_id: paid.userId,
      effect_key: `refund:${id}`,
      occurred_at: of.at,
      posted_at: of.at,
    })
    .execute();
}

export async function bookCost(
  db: Db,
  of: { item: string; microYuan: number; at: Date; occurredAt?: Date; featureId?: string },
): Promise<void> {
  await db
    .insertInto('cost_entries')
    .values({
      kind: 'estimate',
      item: of.item,
      vendor: 'books',
      amount_micro_yuan: of.microYuan,
      feature_id: of.featureId ?? null,
      effect_key: `${newId()}:estimate`,
      occurred_at: of.occurredAt ?? of.at,
      posted_at: of.at,
    })
    .execute();
}
