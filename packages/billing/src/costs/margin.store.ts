import { idFloor, type Db } from '@yunshang/db';
import { sql, type RawBuilder } from 'kysely';
import { MICRO_YUAN_PER_FEN, safeSum } from './amount.ts';
import type { Earned, Period, Spent } from './margin.ts';

export type MarginBy = 'feature' | 'plan' | 'user';
export type MarginFilter = { featureId?: string | undefined; userIds?: readonly string[] | undefined };

/**
 * A charge ends within a day of its creation, when all is well; charges are found by when they were made, this much earlier, which
 * spares every task an index that only this question needs.
 */
const LONGEST_CHARGE_MS = 7 * 86_400_000;
/** Clocks of the processes that make ids, against the database's. */
const SKEW_MS = 3_600_000;

const NO_CONDITION = sql``;
/** What an allocation earned: its share of the price paid for its grant, in whole micro-yuan, rounded down: never more in all than was paid. */
const EARNED_DOWN = sql`a.amount * o.amount_fen * ${sql.lit(MICRO_YUAN_PER_FEN)} DIV g.amount`;

/** What settled charges earned, over all the grants each took from; nothing for quota that nobody paid for. */
export async function listEarned(db: Db, by: MarginBy, period: Period, filter: MarginFilter): Promise<Earned[]> {
  const key = { feature: sql`t.feature_id`, plan: sql`o.plan_id`, user: sql`c.user_id` }[by];
  const { userIds, featureId } = filter;
  const { rows } = await sql<Record<string, unknown>>`
    SELECT ${key} AS grouped_by, COUNT(DISTINCT c.id) AS charges, SUM(a.amount) AS quota,
      COALESCE(SUM(${EARNED_DOWN}), 0) AS revenue
    FROM quota_charges AS c
    JOIN tasks AS t ON t.id = c.task_id
    JOIN quota_allocations AS a ON a.charge_id = c.id AND a.direction = 'spend'
    JOIN quota_grants AS g ON g.id = a.grant_id
    LEFT JOIN orders AS o ON o.id = g.order_id
    WHERE c.id >= ${idFloor(new Date(period.from.getTime() - LONGEST_CHARGE_MS))}
      AND c.id < ${idFloor(new Date(period.to.getTime() + SKEW_MS))}
      AND c.status = 'settled' AND c.ended_at >= ${period.from} AND c.ended_at < ${period.to}
      ${userIds === undefined ? NO_CONDITION : sql`AND c.user_id IN (${sql.join(userIds)})`}
      ${featureId === undefined ? NO_CONDITION : sql`AND t.feature_id = ${featureId}`}
    GROUP BY ${key}`.execute(db);
  return rows.map((row) => ({
    key: keyOf(row['grouped_by']),
    charges: safeSum(row['charges']),
    quota: safeSum(row['quota']),
    revenueMicroYuan: safeSum(row['revenue']),
  }));
}

/** What tasks cost in the period, failed attempts included. */
export async function listSpent(db: Db, by: MarginBy, period: Period, filter: MarginFilter): Promise<Spent[]> {
  const { rows } = await spentSql(by, period, filter).execute(db);
  return rows.map((row) => ({ key: keyOf(row['grouped_by']), costMicroYuan: safeSum(row['cost']) }));
}

function spentSql(by: MarginBy, period: Period, filter: MarginFilter): RawBuilder<Record<string, unknown>> {
  const { userIds, featureId } = filter;
  const where = sql`e.posted_at >= ${period.from} AND e.posted_at < ${period.to} AND e.feature_id IS NOT NULL
      ${userIds === undefined ? NO_CONDITION : sql`AND e.user_id IN (${sql.join(userIds)})`}
      ${featureId === undefined ? NO_CONDITION : sql`AND e.feature_id = ${featureId}`}`;
  if (by !== 'plan') {
    const key = by === 'feature' ? sql`e.feature_id` : sql`e.user_id`;
    return sql`SELECT ${key} AS grouped_by, SUM(e.amount_micro_yuan) AS cost FROM cost_entries AS e WHERE ${where} GROUP BY ${key}`;
  }
  // A task's cost goes whole to the grant that its charge took most from, the one that ends first when equal: nothing is rounded.
  return sql`
    SELECT o.plan_id AS grouped_by, SUM(of_grant.cost) AS cost FROM (
      SELECT of_task.cost, (SELECT a.grant_id FROM quota_allocations AS a JOIN quota_charges AS c ON c.id = a.charge_id
          WHERE c.task_id = of_task.task_id AND a.direction = 'spend' ORDER BY a.amount DESC, a.id LIMIT 1) AS grant_id
      FROM (SELECT e.task_id, SUM(e.amount_micro_yuan) AS cost FROM cost_entries AS e WHERE ${where} GROUP BY e.task_id) AS of_task
    ) AS of_grant
    LEFT JOIN quota_grants AS g ON g.id = of_grant.grant_id
    LEFT JOIN orders AS o ON o.id = g.order_id
    GROUP BY o.plan_id`;
}

/** Members whose work cost something, ever, in the order of their ids. */
export async function listSpenders(db: Db, page: { after?: string | undefined; limit: number }): Promise<string[]> {
  let query = db.selectFrom('cost_entries').select('user_id').distinct().where('user_id', 'is not', null);
  if (page.after !== undefined) query = query.where('user_id', '>', page.after);
  const rows = await query.orderBy('user_id').limit(page.limit).execute();
  return rows.flatMap((row) => (row.user_id === null ? [] : [row.user_id]));
}

function keyOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
