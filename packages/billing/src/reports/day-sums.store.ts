import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { safeSum } from '../costs/amount.ts';
import { type DaySlice, dayOf, sliceOf } from './ledger-slice.store.ts';

type Counted = { rows: number; amount: number };
/** `of`: the earlier day the rows are about, when they are about one; `isLate`: they were posted in it. */
type About = { of: string | null; isLate: boolean };

export type QuotaSum = Counted &
  About & { kind: string; source: string | null; isRestored: boolean; featureId: string | null };
export type MoneySum = Counted & About & { kind: 'payment' | 'refund'; planId: string; outcome: string };
export type CostSum = Counted & About & { kind: string; item: string; featureId: string | null };

type SumRow = { rows_count: unknown; amount: unknown; of_day: string | null; is_late: unknown };

function counted(row: SumRow): Counted & About {
  const isLate = safeSum(row.is_late) === 1;
  return { rows: safeSum(row.rows_count), amount: safeSum(row.amount), of: row.of_day, isLate };
}

export async function sumQuota(db: Db, slice: DaySlice): Promise<QuotaSum[]> {
  const where = await sliceOf(db, 'quotaLogs', slice);
  if (where === undefined) return [];
  const { rows } = await sql<
    SumRow & { kind: string; source: string | null; is_restored: unknown; feature_id: string | null }
  >`
    SELECT l.kind, g.source, l.kind = 'grant' AND l.cause = 'refund_failed' AS is_restored, t.feature_id,
           l.created_at < ${slice.from} AS is_late, IF(l.created_at < ${slice.from}, ${dayOf(sql`l.created_at`)}, NULL) AS of_day,
           COUNT(*) AS rows_count, SUM(l.amount) AS amount
      FROM quota_logs AS l
      LEFT JOIN quota_grants AS g ON l.kind = 'grant' AND g.id = l.grant_id
      LEFT JOIN tasks AS t ON l.kind IN ('charge', 'refund') AND t.id = l.task_id
     WHERE ${where}
     GROUP BY l.kind, g.source, is_restored, t.feature_id, is_late, of_day`.execute(db);
  return rows.map((row) => ({
    ...counted(row),
    kind: row.kind,
    source: row.source,
    isRestored: safeSum(row.is_restored) === 1,
    featureId: row.feature_id,
  }));
}

export async function sumMoney(db: Db, slice: DaySlice): Promise<MoneySum[]> {
  const where = await sliceOf(db, 'moneyEntries', slice);
  if (where === undefined) return [];
  const { rows } = await sql<SumRow & { kind: 'payment' | 'refund'; plan_id: string; outcome: string }>`
    SELECT l.kind, o.plan_id, p.outcome, l.posted_at < ${slice.from} AS is_late,
           ${aboutDay(slice)} AS of_day, COUNT(*) AS rows_count, SUM(l.amount_fen) AS amount
      FROM money_entries AS l JOIN orders AS o ON o.id = l.order_id JOIN payment_transactions AS p ON p.id = l.payment_id
     WHERE ${where}
     GROUP BY l.kind, o.plan_id, p.outcome, is_late, of_day`.execute(db);
  return rows.map((row) => ({ ...counted(row), kind: row.kind, planId: row.plan_id, outcome: row.outcome }));
}

export async function sumCosts(db: Db, slice: DaySlice): Promise<CostSum[]> {
  const where = await sliceOf(db, 'costEntries', slice);
  if (where === undefined) return [];
  const { rows } = await sql<SumRow & { kind: string; item: string; feature_id: string | null }>`
    SELECT l.kind, l.item, l.feature_id, l.posted_at < ${slice.from} AS is_late,
           ${aboutDay(slice)} AS of_day, COUNT(*) AS rows_count, SUM(l.amount_micro_yuan) AS amount
      FROM cost_entries AS l
     WHERE ${where}
     GROUP BY l.kind, l.item, l.feature_id, is_late, of_day`.execute(db);
  return rows.map((row) => ({ ...counted(row), kind: row.kind, item: row.item, featureId: row.feature_id }));
}

/** What was posted late is about the day it was posted in; the rest may have happened earlier. */
function aboutDay({ from }: DaySlice) {
  return sql`CASE WHEN l.posted_at < ${from} THEN ${dayOf(sql`l.posted_at`)}
                  WHEN l.occurred_at < ${from} THEN ${dayOf(sql`l.occurred_at`)} END`;
}
