import { raiseAlert, type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { hasRun, markRun } from '../calendar/calendar-run.store.ts';
import { dayStart, shanghaiHour } from '../calendar/calendar.ts';
import { eachNearest } from '../costs/amount.ts';
import { listEarned, listSpent } from '../costs/margin.store.ts';

/** What a feature's uses cost over some time, failed attempts included. */
export type Usage = { charges: number; costMicroYuan: number };

/** Fewer say nothing about a price. */
const FEWEST_OF_DAY = 20;
const FEWEST_BEFORE = 100;
const RISE_PERCENT = 130n;

/** Whether one use cost at least 30 % more than it did on average before. */
export function isDearer(day: Usage, before: Usage): boolean {
  if (day.charges < FEWEST_OF_DAY || before.charges < FEWEST_BEFORE || before.costMicroYuan <= 0) return false;
  return (
    BigInt(day.costMicroYuan) * BigInt(before.charges) * 100n >=
    BigInt(before.costMicroYuan) * BigInt(day.charges) * RISE_PERCENT
  );
}

const NAME = 'unit_cost';
const DAY_MS = 86_400_000;
const DAYS_BEFORE = 28;
/** In Asia/Shanghai: late work of the day before is settled by then. */
const AT_HOUR = 2;

/** Once a calendar day compares each feature's cost of one use yesterday with its average of the four weeks before. Returns how many are news. */
export async function watchUnitCosts({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now();
  const today = shanghaiDay(now);
  if (shanghaiHour(now) < AT_HOUR || (await hasRun(db, NAME, today))) return 0;
  const end = dayStart(today);
  const begin = new Date(end.getTime() - DAY_MS);
  const [yesterday, before] = await Promise.all([
    usageOf(db, begin, end),
    usageOf(db, new Date(begin.getTime() - DAYS_BEFORE * DAY_MS), begin),
  ]);
  let news = 0;
  for (const [featureId, usage] of yesterday) {
    const average = before.get(featureId);
    if (average === undefined || !isDearer(usage, average)) continue;
    const details = {
      featureId,
      microYuanEach: eachNearest(usage.costMicroYuan, usage.charges),
      microYuanEachBefore: eachNearest(average.costMicroYuan, average.charges),
    };
    const alert = { kind: 'unit_cost_up' as const, subject: featureId, period: shanghaiDay(begin), details };
    if (await raiseAlert(db, alert, now)) news += 1;
  }
  await markRun(db, NAME, { day: today, now });
  return news;
}

async function usageOf(db: Db, from: Date, to: Date): Promise<Map<string, Usage>> {
  const [earned, spent] = await Promise.all([
    listEarned(db, 'feature', { from, to }, {}),
    listSpent(db, 'feature', { from, to }, {}),
  ]);
  const costs = new Map(spent.map(({ key, costMicroYuan }) => [key, costMicroYuan]));
  return new Map(
    earned.flatMap(({ key, charges }): [string, Usage][] =>
      key === null ? [] : [[key, { charges, costMicroYuan: costs.get(key) ?? 0 }]],
    ),
  );
}
