import { inTransaction, type Db, type Tx } from '@yunshang/db';
import { costOfUnits } from './amount.ts';
import { bookEstimate, findEstimatedPrice, settleCost, type NewCost } from './cost.store.ts';
import { findPriceAt } from './price.store.ts';

export type CostOfUnits = Omit<NewCost, 'amountMicroYuan' | 'unitPriceId' | 'occurredAt'> & { units: number };

/** Books what these units of an item of the price list cost at this moment, in the transaction of what they are for. Nothing without a price. */
export async function bookUnits(tx: Tx, { units, ...cost }: CostOfUnits): Promise<void> {
  const price = await findPriceAt(tx, cost.item, cost.now);
  if (price === undefined) return;
  await bookEstimate(tx, {
    ...cost,
    amountMicroYuan: costOfUnits(price.microYuan, units),
    unitPriceId: price.id,
    occurredAt: cost.now,
  });
}

/**
 * The vendor charges that many units for the subject: settled once, at the price of its estimate. False where it was settled before or never
 * booked.
 */
export async function settleUnits(
  db: Db,
  { subject, units, now }: { subject: string; units: number; now: Date },
): Promise<boolean> {
  const price = await findEstimatedPrice(db, subject);
  if (price === undefined) return false;
  return inTransaction(db, (tx) => settleCost(tx, { subject, microYuan: costOfUnits(price, units), now }));
}
