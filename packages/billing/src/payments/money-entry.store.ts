import type { Tx } from '@yunshang/db';

/** One movement of a member's money: what came, or with a minus what went back. */
export type MoneyEntry = {
  kind: 'payment' | 'refund';
  amountFen: number;
  orderId: string;
  paymentId: string;
  refundId?: string;
  userId: string;
  /** Names the movement; the same can not be written twice. */
  effectKey: string;
  /** By the vendor's clock. */
  occurredAt: Date;
  now: Date;
};

/** Adds to the ledger of money; nothing in it ever changes. */
export async function insertMoneyEntry(tx: Tx, entry: MoneyEntry): Promise<void> {
  await tx
    .insertInto('money_entries')
    .values({
      kind: entry.kind,
      amount_fen: entry.amountFen,
      order_id: entry.orderId,
      payment_id: entry.paymentId,
      refund_id: entry.refundId ?? null,
      user_id: entry.userId,
      effect_key: entry.effectKey,
      occurred_at: entry.occurredAt,
      posted_at: entry.now,
    })
    .execute();
}
