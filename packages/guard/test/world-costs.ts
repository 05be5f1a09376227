import type { Tx } from '@yunshang/db';
import { NOW, type World } from './world.ts';

export function costRow(world: World, cost: { kind: 'estimate' | 'settlement'; amount: number }) {
  return {
    kind: cost.kind,
    item: 'provider:builtin-image-engine',
    vendor: 'builtin',
    provider_ref: 'builtin-image-engine',
    amount_micro_yuan: cost.amount,
    attempt_id: world.attempt,
    task_id: world.succeeded.task,
    feature_id: 'basic_clean',
    user_id: world.userId,
    effect_key: `attempt:${world.attempt}:${cost.kind === 'estimate' ? 'estimate' : 'settle'}`,
    occurred_at: NOW,
    posted_at: NOW,
  };
}

/** NOW is a Thursday. */
export const WEEK = '2026-01-12';

/** What the world's one attempt cost, and what its open task holds of the budgets. */
export async function insertCosts(tx: Tx, world: World): Promise<void> {
  const { id: unitPriceId } = await tx
    .selectFrom('unit_prices')
    .select('id')
    .where('item', '=', 'provider:builtin-image-engine')
    .executeTakeFirstOrThrow();
  const rows = [
    costRow(world, { kind: 'estimate', amount: 2000 }),
    costRow(world, { kind: 'settlement', amount: -500 }),
  ];
  await tx
    .insertInto('cost_entries')
    .values(rows.map((row) => ({ ...row, unit_price_id: unitPriceId })))
    .execute();
  await tx
    .updateTable('tasks')
    .set({ reserved_micro_yuan: 300, reserved_in: 'both' })
    .where('id', '=', world.open.task)
    .execute();
  await tx
    .insertInto('budget_weeks')
    .values(
      ['feature:basic_clean', 'global'].map((scope) => ({
        scope,
        week: WEEK,
        spent_micro_yuan: 1500,
        reserved_micro_yuan: 300,
      })),
    )
    .execute();
}
