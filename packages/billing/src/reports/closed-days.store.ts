import { type ClosedPeriod, type Report, type ReportKind, reportSchema } from '@yunshang/contracts';
import { type Db, fromJson, isDuplicate, type Tx } from '@yunshang/db';
import { canonicalJson, sha256Of } from './canonical.ts';
import type { Marks } from './ledger-slice.store.ts';
import type { MemberEnd } from './compute-day.ts';

/** A period that never changes, and the newest rows of the ledgers when it was closed. */
export type Closed = ClosedPeriod & { report: Report; marks: Marks };

const COLUMNS = [
  'kind',
  'period',
  'sha256',
  'closed_at',
  'closed_by',
  'last_quota_log_id',
  'last_money_entry_id',
  'last_cost_entry_id',
] as const;

export async function findClosed(db: Db, kind: ReportKind, period: string): Promise<Closed | undefined> {
  const [found] = await listClosedBetween(db, { kind, first: period, last: period });
  return found;
}

/** Both included, the earliest first. */
export async function listClosedBetween(
  db: Db,
  of: { kind: ReportKind; first: string; last: string },
): Promise<Closed[]> {
  const rows = await db
    .selectFrom('report_periods')
    .select([...COLUMNS, 'body'])
    .where('kind', '=', of.kind)
    .where('period', '>=', of.first)
    .where('period', '<=', of.last)
    .orderBy('period')
    .execute();
  return rows.map((row) => ({
    ...closedOf(row),
    report: reportSchema.parse(fromJson(row.body)),
    marks: {
      quotaLogs: row.last_quota_log_id,
      moneyEntries: row.last_money_entry_id,
      costEntries: row.last_cost_entry_id,
    },
  }));
}

/** The newest day that is closed, before `before` if that is given. */
export async function findLastClosedDay(db: Db, before?: string): Promise<string | undefined> {
  let query = db.selectFrom('report_periods').select('period').where('kind', '=', 'day').orderBy('period', 'desc');
  if (before !== undefined) query = query.where('period', '<', before);
  return (await query.limit(1).executeTakeFirst())?.period;
}

/** Up to which row of the money ledger each closed day took what was posted in it, the earliest first. */
export async function listMoneyMarks(db: Db): Promise<{ day: string; upTo: number }[]> {
  const rows = await db
    .selectFrom('report_periods')
    .select(['period', 'last_money_entry_id'])
    .where('kind', '=', 'day')
    .orderBy('period')
    .execute();
  return rows.map((row) => ({ day: row.period, upTo: row.last_money_entry_id }));
}

export async function listClosedPeriods(
  db: Db,
  page: { kind: ReportKind; cursor?: string | undefined; limit: number },
): Promise<{ items: ClosedPeriod[]; nextCursor: string | null }> {
  let query = db.selectFrom('report_periods').select(COLUMNS).where('kind', '=', page.kind).orderBy('period', 'desc');
  if (page.cursor !== undefined) query = query.where('period', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(closedOf);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.period ?? null) : null };
}

export type NewClosed = { report: Report; marks: Marks; closedBy: string | null; now: Date };

/** False when somebody has closed it: then it stays as it is. */
export async function insertClosed(tx: Tx, closed: NewClosed): Promise<ClosedPeriod | undefined> {
  const { report, marks, closedBy, now } = closed;
  const body = canonicalJson(report);
  const row = {
    kind: report.kind,
    period: report.period,
    sha256: sha256Of(body),
    closed_at: now,
    closed_by: closedBy,
    last_quota_log_id: marks.quotaLogs,
    last_money_entry_id: marks.moneyEntries,
    last_cost_entry_id: marks.costEntries,
  };
  try {
    await tx
      .insertInto('report_periods')
      .values({ ...row, body })
      .execute();
  } catch (error) {
    if (isDuplicate(error)) return undefined;
    throw error;
  }
  return closedOf(row);
}

/** Rows of one statement. */
const AT_ONCE = 1_000;

export async function insertMemberEnds(tx: Tx, day: string, ends: readonly MemberEnd[]): Promise<void> {
  for (let start = 0; start < ends.length; start += AT_ONCE)
    await tx
      .insertInto('report_member_ends')
      .values(
        ends.slice(start, start + AT_ONCE).map(({ userId, endsAt }) => ({ day, user_id: userId, ends_at: endsAt })),
      )
      .execute();
}

function closedOf(row: {
  kind: ReportKind;
  period: string;
  sha256: string;
  closed_at: Date;
  closed_by: string | null;
}): ClosedPeriod {
  const { kind, period, sha256 } = row;
  return { kind, period, sha256, closedAt: row.closed_at.toISOString(), closedBy: row.closed_by };
}
