import type { Tx } from '@yunshang/db';
import { bookUnits } from './book-units.ts';

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
    item: 'wechat_pay:fee',
    vendor: 'wechat_pay',
    units: amountFen,
    orderId,
    userId,
    now,
  });
}
