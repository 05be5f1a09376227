import type { Tx } from '@yunshang/db';
import { costOfUnits } from './amount.ts';
import { bookEstimate } from './cost.store.ts';
import { findPriceAt } from './price.store.ts';

const ITEM = 'wechat_pay:fee';

/**
 * Books what WeChat Pay is going to keep of a payment; its bill settles `wechat_fee:<its number>`. Without a price the bill alone books
 * it.
 */
export async function bookPaymentFee(
  tx: Tx,
  paid: { transactionId: string; amountFen: number; orderId: string; userId: string; now: Date },
): Promise<void> {
  const { transactionId, amountFen, orderId, userId, now } = paid;
  const price = await findPriceAt(tx, ITEM, now);
  if (price === undefined) return;
  await bookEstimate(tx, {
    subject: `wechat_fee:${transactionId}`,
    item: ITEM,
    vendor: 'wechat_pay',
    amountMicroYuan: costOfUnits(price.microYuan, amountFen),
    unitPriceId: price.id,
    orderId,
    userId,
    occurredAt: now,
    now,
  });
}
