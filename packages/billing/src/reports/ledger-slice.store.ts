import type { Db } from '@yunshang/db';
import { type RawBuilder, sql } from 'kysely';
import { safeSum } from '../costs/amount.ts';

/** The newest row of each ledger at some time. A day is made of rows up to here. */
export type Marks = { readonly quotaLogs: number; readonly moneyEntries: number; readonly costEntries: number };

export const LEDGERS = {
  quotaLogs: { table: 'quota_logs', time: 'created_at' },
  moneyEntries: { table: 'money_entries', time: 'posted_at' },
  costEntries: { table: 'cost_entries', time: 'posted_at' },
} as const satisfies Record<keyof Marks, { table: string; time: string }>;
export type Ledger = keyof typeof LEDGERS;

/**
 * The rows of a day: posted in it and no newer than `upTo`, and those that were posted in a day before it but came after `after`, the
 * mark up to which that day took them. So each row is of exactly one day, whenever its transaction ended.
 */
export type DaySlice = { from: Date; to: Date; after: Marks | undefined; upTo: Marks };

export async function readMarks(db: Db): Promise<Marks> {
  const [quotaLogs, moneyEntries, costEntries] = await Promise.all([
    newest(db, 'quotaLogs'),
    newest(db, 'moneyEntries'),
    newest(db, 'costEntries'),
  ]);
  return { quotaLogs, moneyEntries, costEntries };
}

async function newest(db: Db, ledger: Ledger): Promise<number> {
  const { rows } = await sql<{ id: unknown }>`SELECT MAX(id) AS id FROM ${sql.table(LEDGERS[ledger].table)}`.execute(
    db,
  );
  return safeSum(rows[0]?.id);
}

/** When the first row of any ledger was posted; undefined while all are empty. */
export async function findFirstPosting(db: Db): Promise<Date | undefined> {
  const firsts = await Promise.all(
    Object.values(LEDGERS).map(async ({ table, time }) => {
      const { rows } = await sql<{
        first: Date | null;
      }>`SELECT MIN(${sql.ref(time)}) AS first FROM ${sql.table(table)}`.execute(db);
      return rows[0]?.first?.getTime() ?? Number.POSITIVE_INFINITY;
    }),
  );
  const first = Math.min(...firsts);
  return Number.isFinite(first) ? new Date(first) : undefined;
}

/** Under the alias `l`: the rows of the ledger that are of the day. Undefined when there are none. */
export async function sliceOf(db: Db, ledger: Ledger, slice: DaySlice): Promise<RawBuilder<boolean> | undefined> {
  const { table, time } = LEDGERS[ledger];
  const [after, upTo] = [slice.after?.[ledger], slice.upTo[ledger]];
  // From the index of times alone; the rows themselves are then read in their own order.
  const { rows } = await sql<{ low: unknown; high: unknown }>`
    SELECT MIN(id) AS low, MAX(id) AS high FROM ${sql.table(table)}
     WHERE ${sql.ref(time)} >= ${slice.from} AND ${sql.ref(time)} < ${slice.to} AND id <= ${upTo}`.execute(db);
  const [low, high] = [safeSum(rows[0]?.low), safeSum(rows[0]?.high)];
  const canBeLate = after !== undefined && after < upTo;
  if (low === 0 && !canBeLate) return undefined;
  const above = Math.min(low === 0 ? upTo : low - 1, canBeLate ? after : upTo);
  const until = canBeLate ? upTo : high;
  const posted = sql.ref(`l.${time}`);
  const late = canBeLate ? sql`OR l.id > ${after}` : sql``;
  return sql<boolean>`l.id > ${above} AND l.id <= ${until} AND ${posted} < ${slice.to} AND (${posted} >= ${slice.from} ${late})`;
}

/** The day of Asia/Shanghai of a time. */
export function dayOf(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql`DATE_FORMAT(${time} + INTERVAL 8 HOUR, '%Y-%m-%d')`;
}
