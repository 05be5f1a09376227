import { inTransaction, raiseAlert, type Clock, type Db, type Tx } from '@yunshang/db';
import { loadConfiguration } from '../configuration/load-configuration.ts';
import { reviewConfiguration } from '../configuration/review-configuration.ts';
import { reviewDatabase } from '../database/review-database.ts';
import type { Report } from '../report/report.ts';
import { mergeReports } from '../report/verdict.ts';
import { deleteReports, insertReport, lastReportAt } from './report.store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 03:00 in Asia/Shanghai, when members sleep: the statements of a review read whole tables. */
const NIGHT_MS = (3 + 24 - 8) * HOUR_MS;
/** Long enough to compare a year with the year before. */
const KEPT_MS = 2 * 366 * DAY_MS;

/** Reviews configuration and database once a night, keeps the report and tells a person on call of one that says FAIL. */
export type NightlyReview = {
  /** Asked often: does nothing until a night has come that has no report. Undefined then. */
  run(): Promise<Report | undefined>;
};

/**
 * A process makes up for a night that was missed, unless there was no report ever: then it waits for the first night it sees, so that
 * a new installation is not reviewed while it is being set up.
 */
export function createNightlyReview({ db, clock }: { db: Db; clock: Clock }): NightlyReview {
  const startedAt = clock.now();
  return {
    run: async () => {
      const now = clock.now();
      const reviewedAt = (await lastReportAt(db)) ?? startedAt;
      if (reviewedAt >= nightBefore(now)) return undefined;
      const from = performance.now();
      const configuration = reviewConfiguration(await loadConfiguration(db), { now });
      const report = mergeReports([configuration, await reviewDatabase(db, { now })]);
      const durationMs = Math.round(performance.now() - from);
      await inTransaction(db, async (tx) => {
        const reportId = await insertReport(tx, { report, durationMs, now });
        if (report.verdict === 'FAIL') await tellFailure(tx, { report, reportId, now });
      });
      await deleteReports(db, new Date(now.getTime() - KEPT_MS));
      return report;
    },
  };
}

const DAY_CHARACTERS = 10;
/** Rules that are named; the report names them all. */
const MOST_RULES = 10;

/** Once for each night, however many processes review it. */
async function tellFailure(
  tx: Tx,
  { report, reportId, now }: { report: Report; reportId: string; now: Date },
): Promise<void> {
  const failures = report.findings.filter(({ severity }) => severity === 'FAIL');
  const rules = [...new Set(failures.map(({ ruleId }) => ruleId))].slice(0, MOST_RULES).join(', ');
  const period = nightBefore(now).toISOString().slice(0, DAY_CHARACTERS);
  const details = { reportId, failures: failures.length, rules };
  await raiseAlert(tx, { kind: 'guard_failed', subject: 'nightly', period, details }, now);
}

/** The last 03:00 in Asia/Shanghai. */
function nightBefore(now: Date): Date {
  return new Date(Math.floor((now.getTime() - NIGHT_MS) / DAY_MS) * DAY_MS + NIGHT_MS);
}
