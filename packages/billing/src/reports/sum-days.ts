import type { Db } from '@yunshang/db';
import type { DaySums } from './day-figures.ts';
import { sumCosts, sumMoney, sumQuota } from './day-sums.store.ts';
import type { DaySlice, Marks } from './ledger-slice.store.ts';
import { type Period, periodOf } from './period.ts';

/** Days whose sums are read at once, each over a connection: a day's are its own, whatever becomes of the days before it. */
const DAYS_AT_ONCE = 4;

/** A day and its sums from the ledgers. */
export type SummedDay = { day: string; period: Period; slice: DaySlice; sums: DaySums };

/** The sums of days without a gap, the earliest first. `before` is up to which rows the day before them took. */
export async function* sumDays<Day extends { day: string; upTo: Marks }>(
  db: Db,
  days: readonly Day[],
  before: Marks | undefined,
): AsyncGenerator<Day & SummedDay> {
  let after = before;
  for (let start = 0; start < days.length; start += DAYS_AT_ONCE) {
    const some = days.slice(start, start + DAYS_AT_ONCE).map((one) => {
      const period = periodOf('day', one.day);
      const slice = { from: period.from, to: period.to, after, upTo: one.upTo };
      after = one.upTo;
      return { ...one, period, slice };
    });
    yield* await Promise.all(some.map(async (one) => ({ ...one, sums: await sumDay(db, one.slice) })));
  }
}

async function sumDay(db: Db, slice: DaySlice): Promise<DaySums> {
  return { quota: await sumQuota(db, slice), money: await sumMoney(db, slice), costs: await sumCosts(db, slice) };
}
