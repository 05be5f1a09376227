import { type Db, newId } from '@yunshang/db';
import type { PlantedCase } from './planted.ts';
import { at, NOW, type World } from './world.ts';
import { costRow, WEEK } from './world-costs.ts';

const ITEM = 'provider:builtin-image-engine';
const setBudget = (db: Db, scope: string, values: { spent_micro_yuan?: number; reserved_micro_yuan?: number }) =>
  db.updateTable('budget_weeks').set(values).where('scope', '=', scope).execute();
const priceRow = (from: Date, to: Date | null) => ({
  id: newId(),
  item: 'provider:planted',
  unit: 'call',
  micro_yuan: 1,
  valid_from: from,
  valid_to: to,
  created_at: NOW,
});

/** `nextCost` is the id that the next row of cost_entries will have. */
export function costCases(world: () => World, nextCost: () => Promise<string>): PlantedCase[] {
  const anotherAttempt = newId();
  const insertCost = (db: Db, change: Partial<ReturnType<typeof costRow>> & { unit_price_id?: string }) =>
    db
      .insertInto('cost_entries')
      .values({ ...costRow(world(), { kind: 'estimate', amount: 10 }), effect_key: `planted:${newId()}`, ...change })
      .execute();
  const gap = priceRow(at(0), at(1));
  return [
    {
      rule: 'attempt_has_its_cost',
      by: 'an attempt that nobody booked',
      plant: (db) =>
        db
          .insertInto('task_attempts')
          .values({
            id: anotherAttempt,
            task_id: world().succeeded.task,
            step_index: 0,
            attempt_no: 2,
            provider_ref: 'tencent-ci',
            status: 'failed',
            cost_micro_yuan: 30_000,
            started_at: NOW,
          })
          .execute(),
      id: () => anotherAttempt,
    },
    {
      rule: 'attempt_has_its_cost',
      by: 'a figure of the vendor that the ledger does not have',
      plant: (db) =>
        db
          .updateTable('task_attempts')
          .set({ settled_cost_micro_yuan: 1501 })
          .where('id', '=', world().attempt)
          .execute(),
      id: () => world().attempt,
    },
    {
      rule: 'cost_has_its_attempt',
      by: 'a cost of an attempt that was never made',
      plant: (db) => insertCost(db, { attempt_id: newId() }),
      id: nextCost,
    },
    {
      rule: 'cost_has_its_attempt',
      by: 'a cost booked to another feature',
      plant: (db) => insertCost(db, { feature_id: 'promo_poster' }),
      id: nextCost,
    },
    {
      rule: 'cost_price_held',
      by: 'a cost at a price that had ended',
      plant: async (db) => {
        const ended = { ...priceRow(at(-10), at(0)), item: ITEM };
        await db.insertInto('unit_prices').values(ended).execute();
        await insertCost(db, { unit_price_id: ended.id });
      },
      id: nextCost,
    },
    {
      rule: 'prices_follow_each_other',
      by: 'a gap between two prices',
      plant: (db) =>
        db
          .insertInto('unit_prices')
          .values([gap, priceRow(at(2), null)])
          .execute(),
      id: () => gap.id,
    },
    {
      rule: 'budget_is_its_tasks',
      by: 'a budget that was spent by nobody',
      plant: (db) => setBudget(db, 'feature:basic_clean', { spent_micro_yuan: 1501 }),
      id: () => `feature:basic_clean ${WEEK}`,
    },
    {
      rule: 'budget_is_its_tasks',
      by: 'a reservation that was never given back',
      plant: (db) => setBudget(db, 'global', { reserved_micro_yuan: 301 }),
      id: () => `global ${WEEK}`,
    },
    {
      rule: 'costs_are_counted',
      by: 'a week whose counters are gone',
      plant: (db) => db.deleteFrom('budget_weeks').where('scope', '=', 'global').execute(),
      id: () => `basic_clean ${WEEK}`,
    },
  ];
}
