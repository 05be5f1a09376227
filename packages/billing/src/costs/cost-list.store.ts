import { COST_KINDS, type CostEntry, type CostSummary } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { z } from 'zod';
import { safeSum } from './amount.ts';
import type { Period } from './margin.ts';

const kindSchema = z.enum(COST_KINDS);

export type CostFilter = {
  taskId?: string | undefined;
  userId?: string | undefined;
  item?: string | undefined;
  cursor?: number | undefined;
  limit: number;
};

/** The newest first. */
export async function listCostEntries(db: Db, filter: CostFilter): Promise<CostEntry[]> {
  const { taskId, userId, item, cursor, limit } = filter;
  let query = db.selectFrom('cost_entries').selectAll();
  if (taskId !== undefined) query = query.where('task_id', '=', taskId);
  if (userId !== undefined) query = query.where('user_id', '=', userId).orderBy('posted_at', 'desc');
  if (item !== undefined) query = query.where('item', '=', item);
  // A member's entries come in the order of their index: by the time of posting, then the id.
  if (cursor !== undefined && userId !== undefined)
    query = query.where(
      sql<boolean>`(posted_at, id) < ((SELECT c.posted_at FROM cost_entries AS c WHERE c.id = ${cursor}), ${cursor})`,
    );
  else if (cursor !== undefined) query = query.where('id', '<', cursor);
  const rows = await query.orderBy('id', 'desc').limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    kind: kindSchema.parse(row.kind),
    item: row.item,
    vendor: row.vendor,
    amountMicroYuan: row.amount_micro_yuan,
    taskId: row.task_id,
    featureId: row.feature_id,
    userId: row.user_id,
    orderId: row.order_id,
    occurredAt: row.occurred_at.toISOString(),
    postedAt: row.posted_at.toISOString(),
  }));
}

/** Everything that was posted in the period, by item. */
export async function sumCosts(db: Db, period: Period): Promise<CostSummary> {
  const rows = await db
    .selectFrom('cost_entries')
    .select((eb) => [
      'item',
      eb.fn.countAll().as('entries'),
      eb.fn
        .sum(eb.case().when('kind', '=', 'estimate').then(eb.ref('amount_micro_yuan')).else(0).end())
        .as('estimated'),
      eb.fn.sum('amount_micro_yuan').as('total'),
    ])
    .where('posted_at', '>=', period.from)
    .where('posted_at', '<', period.to)
    .groupBy('item')
    .orderBy('item')
    .execute();
  const items = rows.map(({ item, ...row }) => {
    const [estimatedMicroYuan, totalMicroYuan] = [safeSum(row.estimated), safeSum(row.total)];
    const settledMicroYuan = totalMicroYuan - estimatedMicroYuan;
    return { item, entries: safeSum(row.entries), estimatedMicroYuan, settledMicroYuan, totalMicroYuan };
  });
  return { items, totalMicroYuan: items.reduce((sum, { totalMicroYuan }) => sum + totalMicroYuan, 0) };
}
