import { inTransaction, isDuplicate, type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { hasRun, markRun } from '../calendar/calendar-run.store.ts';
import { daysInMonth } from '../calendar/calendar.ts';
import { storageDayUp } from './amount.ts';
import { bookEstimate } from './cost.store.ts';
import { findPriceAt } from './price.store.ts';

const ITEM = 'storage:gb_month';
const NAME = 'storage_cost';

export type StorageDayDeps = {
  db: Db;
  clock: Clock;
  /** How much members' files weigh now. */
  bytesKept: () => Promise<number>;
};

/**
 * Once a calendar day in Asia/Shanghai books what keeping members' files costs that day. Returns whether this call did; nothing is booked
 * without a price.
 */
export async function bookStorageDay({ db, clock, bytesKept }: StorageDayDeps): Promise<boolean> {
  const now = clock.now();
  const day = shanghaiDay(now);
  if (await hasRun(db, NAME, day)) return false;
  const price = await findPriceAt(db, ITEM, now);
  if (price === undefined) return false;
  const share = { microYuanPerGbMonth: price.microYuan, daysInMonth: daysInMonth(day) };
  const amountMicroYuan = storageDayUp({ ...share, bytes: await bytesKept() });
  const what = { subject: `storage:${day}`, item: ITEM, vendor: 'tencent_cos', unitPriceId: price.id };
  try {
    return await inTransaction(db, async (tx) => {
      await bookEstimate(tx, { ...what, amountMicroYuan, occurredAt: now, now });
      await markRun(tx, NAME, { day, now });
      return true;
    });
  } catch (error) {
    // Two workers at once: one of them booked the day.
    if (isDuplicate(error, 'uq_cost_entries_effect')) return false;
    throw error;
  }
}
