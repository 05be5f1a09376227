import { type Report, REPORT_KINDS } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { canonicalJson, sha256Of } from './canonical.ts';
import { type Closed, listClosedBetween } from './closed-days.store.ts';
import { computeDay, type Link } from './compute-day.ts';
import { keepEndings } from './kept-endings.ts';
import { nextDay, periodOf } from './period.ts';
import { foldDays } from './report-figures.ts';
import { sumDays } from './sum-days.ts';

/** A closed period that the ledgers do not make again, or not with these bytes. */
export type Difference = { period: string; why: 'differs' | 'body_changed' | 'missing' };

/** Before the first year and after the last. */
const ALL = { first: '0', last: '9999-99-99' };

/**
 * Makes every closed period again from the ledgers alone, the first day first, and compares the bytes. Nothing that closing kept is used
 * but the marks and the hashes.
 */
export async function verifyReports(db: Db): Promise<{ periods: number; differences: Difference[] }> {
  // Before the days: a month is closed with its last day, so whatever is closed meanwhile, a month that is seen has all of its days.
  const longer: Closed[] = [];
  for (const kind of REPORT_KINDS.filter((each) => each !== 'day'))
    longer.push(...(await listClosedBetween(db, { kind, ...ALL })));
  const closedDays = await listClosedBetween(db, { kind: 'day', ...ALL });
  const differences: Difference[] = [];
  const days: Report[] = [];
  const moneyMarks: { day: string; upTo: number }[] = [];
  const kept = keepEndings();
  let before: Link | undefined;
  const wanted = closedDays.map((closed) => ({ day: closed.period, upTo: closed.marks, closed }));
  for await (const { closed, ...summed } of sumDays(db, wanted, undefined)) {
    const { day } = summed;
    if (before !== undefined && nextDay(before.day) !== day)
      differences.push({ period: nextDay(before.day), why: 'missing' });
    moneyMarks.push({ day, upTo: closed.marks.moneyEntries });
    const { link, ends } = await computeDay(db, { summed, before, moneyMarks, endings: kept.endings });
    kept.keep(ends);
    days.push(link.report);
    differences.push(...compare(closed, link.report));
    before = link;
  }
  for (const closed of longer) {
    const period = periodOf(closed.kind, closed.period);
    const own = days.filter((day) => day.period >= period.firstDay && day.period <= period.lastDay);
    differences.push(...compare(closed, foldDays(period, own)));
  }
  return { periods: closedDays.length + longer.length, differences };
}

function compare(closed: Closed, report: Report): Difference[] {
  const { period } = closed;
  if (sha256Of(canonicalJson(closed.report)) !== closed.sha256) return [{ period, why: 'body_changed' }];
  return sha256Of(canonicalJson(report)) === closed.sha256 ? [] : [{ period, why: 'differs' }];
}
