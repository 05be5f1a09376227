import type { Tx } from '@yunshang/db';
import { bookUnits } from './book-units.ts';

/** What the price list calls it: micro-yuan for a fen that is taken. */
export const FEE_ITEM = 'wechat_pay:fee';

/**
 * Books what WeChat Pay is going to keep of a payment; its bill settles `wechat_fee:<its number>`. Without a price the bill alone books
 * it.
 */
export async function bookPaymentFee(
  tx: Tx,
  paid: { transactionId: string; amountFen: number; orderId: string; userId: string; now: Date },
): Promise<void> {
  const { transactionId, amountFen, orderId, userId, now } = paid;
  await bookUnits(tx, {
    subject: `wechat_fee:${transactionId}`,
    item: FEE_ITEM,
    vendor: 'wechat_pay',
    units: amountFen,
    orderId,
    userId,
    now,
  });
}
