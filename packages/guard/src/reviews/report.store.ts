import type { StoredReport, StoredReports } from '@yunshang/contracts';
import { fromJson, newId, toJson, type Db } from '@yunshang/db';
import { reportSchema, type Report } from '../report/report.ts';

/** Keeps what a review found. Returns its id. */
export async function insertReport(db: Db, review: { report: Report; durationMs: number; now: Date }): Promise<string> {
  const { report, durationMs, now } = review;
  const id = newId();
  const failures = report.findings.filter(({ severity }) => severity === 'FAIL').length;
  await db
    .insertInto('guard_reports')
    .values({
      id,
      verdict: report.verdict,
      failures,
      warnings: report.findings.length - failures,
      report: toJson(report),
      duration_ms: durationMs,
      created_at: now,
    })
    .execute();
  return id;
}

/** The review of that id, or the latest. */
export async function findReport(db: Db, id?: string): Promise<StoredReport | undefined> {
  const row = await db
    .selectFrom('guard_reports')
    .select(['id', 'report', 'duration_ms', 'created_at'])
    .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    createdAt: row.created_at.toISOString(),
    durationMs: row.duration_ms,
    report: reportSchema.parse(fromJson(row.report)),
  };
}

/** The newest first, without what each found. */
export async function listReports(
  db: Db,
  page: { cursor?: string | undefined; limit: number },
): Promise<StoredReports> {
  let query = db
    .selectFrom('guard_reports')
    .select(['id', 'verdict', 'failures', 'warnings', 'created_at'])
    .orderBy('id', 'desc');
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows
    .slice(0, page.limit)
    .map(({ created_at, ...row }) => ({ ...row, createdAt: created_at.toISOString() }));
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/** When a review was last stored; undefined before the first. */
export async function lastReportAt(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom('guard_reports')
    .select('created_at')
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.created_at;
}

/** Reviews from before; returns how many went. */
export async function deleteReports(db: Db, before: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('guard_reports').where('created_at', '<', before).executeTakeFirst();
  return Number(numDeletedRows);
}
