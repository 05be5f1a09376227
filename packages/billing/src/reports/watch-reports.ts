import { raiseAlert, type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { hasRun, markRun } from '../calendar/calendar-run.store.ts';
import { shanghaiHour } from '../calendar/calendar.ts';
import { verifyReports } from './verify-reports.ts';

const NAME = 'reports_verify';
/** In Asia/Shanghai: few write then, and what the noon before closed is closed. */
const AT_HOUR = 5;

/**
 * Once a calendar day makes every closed period again and tells a person on call when the ledgers do not make its bytes: one alert a day,
 * which names the first. Returns how many differ.
 */
export async function watchReports({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now();
  const today = shanghaiDay(now);
  if (shanghaiHour(now) < AT_HOUR || (await hasRun(db, NAME, today))) return 0;
  const { differences } = await verifyReports(db);
  const [first] = differences;
  if (first !== undefined) {
    const details = { period: first.period, why: first.why, periods: differences.length };
    await raiseAlert(db, { kind: 'report_differs', subject: 'reports', period: today, details }, now);
  }
  await markRun(db, NAME, { day: today, now });
  return differences.length;
}
