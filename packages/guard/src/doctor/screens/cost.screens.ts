import type { Db } from '@yunshang/db';
import { type RawBuilder, sql } from 'kysely';
import { reservations, weekOf } from '../rules/cost-weeks.ts';
import type { Screen } from './screen.ts';

const keyOf = (what: string): RawBuilder<string> => sql`CONCAT('attempt:', c.attempt_id, ${sql.lit(`:${what}`)})`;
const estimate = keyOf('estimate');
const settle = keyOf('settle');

/** What is wrong with one cost by itself. */
const isOdd = sql`(c.attempt_id IS NOT NULL AND (a.id IS NULL OR t.id IS NULL OR NOT (a.task_id <=> c.task_id)
      OR NOT (c.feature_id <=> t.feature_id) OR NOT (c.user_id <=> t.user_id) OR t.created_at > a.started_at
      OR (c.effect_key = ${estimate} AND c.amount_micro_yuan <> a.cost_micro_yuan)
      OR (c.effect_key = ${settle} AND NOT (c.amount_micro_yuan <=> a.settled_cost_micro_yuan - a.cost_micro_yuan))))
    OR (c.unit_price_id IS NOT NULL AND (p.id IS NULL OR p.item <> c.item OR p.valid_from > c.occurred_at OR p.valid_to <= c.occurred_at))`;

/**
 * The ledger of costs once, by feature and week, and what attempts, open tasks and budgets count: one statement, so that all are of one
 * moment. `one` and `two` are of an attempt: estimates and settlements; of a week: the feature's own and the global.
 */
const sums = sql<Sum>`
  SELECT 'booked' AS kind, feature_id AS scope, CAST(week AS CHAR) AS week, spent, odd, estimates AS one, settlements AS two FROM (
    SELECT t.feature_id, ${weekOf(sql`t.created_at`)} AS week,
      SUM(CASE WHEN c.attempt_id IS NULL OR t.finished_at IS NULL THEN 0 ELSE c.amount_micro_yuan END) AS spent,
      SUM(${isOdd}) AS odd, SUM(c.effect_key = ${estimate}) AS estimates, SUM(c.effect_key = ${settle}) AS settlements
    FROM cost_entries c FORCE INDEX (PRIMARY)
    LEFT JOIN task_attempts a ON a.id = c.attempt_id LEFT JOIN tasks t ON t.id = c.task_id
    LEFT JOIN unit_prices p ON p.id = c.unit_price_id
    GROUP BY t.feature_id, week) AS booked
  UNION ALL SELECT 'held', feature_id, CAST(week AS CHAR), 0, 0, reserved_feature, reserved_global FROM ${reservations} AS held
  UNION ALL SELECT 'counted', scope, CAST(week AS CHAR), spent_micro_yuan, 0, reserved_micro_yuan, 0 FROM budget_weeks
  UNION ALL SELECT 'attempts', NULL, NULL, 0, 0, COUNT(*), COUNT(settled_cost_micro_yuan) FROM task_attempts`;

/** Sums come as text. */
type Amount = string | number | null;
type Sum = {
  kind: 'booked' | 'held' | 'counted' | 'attempts';
  scope: string | null;
  week: string | null;
  spent: Amount;
  odd: Amount;
  one: Amount;
  two: Amount;
};

const GLOBAL = 'global';

async function areCostsQuiet(db: Db): Promise<boolean> {
  const left = new Map<string, bigint>();
  const add = (key: string, value: bigint): void => void left.set(key, (left.get(key) ?? 0n) + value);
  const { rows } = await sums.execute(db);
  for (const { kind, scope, week, ...sum } of rows) {
    const [spent, one, two] = [whole(sum.spent), whole(sum.one), whole(sum.two)] as const;
    if (whole(sum.odd) > 0n) return false;
    switch (kind) {
      case 'booked':
        add('estimates', one);
        add('settlements', two);
        add(`spent feature:${scope} ${week}`, spent);
        add(`spent ${GLOBAL} ${week}`, spent);
        break;
      case 'held':
        add(`held feature:${scope} ${week}`, one);
        add(`held ${GLOBAL} ${week}`, two);
        break;
      case 'counted':
        add(`spent ${scope} ${week}`, -spent);
        add(`held ${scope} ${week}`, -one);
        break;
      default:
        add('estimates', -one);
        add('settlements', -two);
    }
  }
  return [...left.values()].every((rest) => rest === 0n);
}

function whole(sum: Amount): bigint {
  return BigInt(sum ?? 0);
}

/** The books of cost, beside what attempts and budgets count. */
export const costScreens = [
  {
    // Each attempt has its estimate where there are as many of both: each is of an attempt that is there, by a key of its own.
    name: 'every_cost',
    covers: [
      'attempt_after_charge',
      'attempt_has_its_cost',
      'cost_has_its_attempt',
      'cost_price_held',
      'budget_is_its_tasks',
      'costs_are_counted',
    ],
    isQuiet: areCostsQuiet,
  },
] as const satisfies readonly Screen[];
