import { sql } from 'kysely';
import type { Rule } from '../rule.ts';
import { weeks } from './cost-weeks.ts';

/** I11: every attempt has its cost, at a price that held, and the budgets are what the ledgers say. */
export const costRules = [
  {
    name: 'attempt_has_its_cost',
    invariant: 'I11',
    severity: 'error',
    table: 'task_attempts',
    explanation: {
      zh: '供应商调用与成本流水不符：预估须恰有一笔，供应商给出金额时须恰有一笔结算，合计相等',
      en: 'An attempt is not what the cost ledger says: one estimate, one settlement exactly when the vendor told its figure, adding up to it',
    },
    mend: {
      zh: '以成本流水为准：查明缺失的一次写入，补记更正流水并修复代码。',
      en: 'The cost ledger is the truth: find the write that is missing, append a correction and mend the code.',
    },
    find: () => sql`
      SELECT a.id, CONCAT(a.cost_micro_yuan, ' and ', COALESCE(a.settled_cost_micro_yuan, 'not settled'), ', ledger ',
          COALESCE(e.amount_micro_yuan, 'none'), ' and ', COALESCE(s.amount_micro_yuan, 'none')) AS detail
      FROM task_attempts a
      LEFT JOIN cost_entries e ON e.effect_key = CONCAT('attempt:', a.id, ':estimate') AND e.attempt_id = a.id
      LEFT JOIN cost_entries s ON s.effect_key = CONCAT('attempt:', a.id, ':settle') AND s.attempt_id = a.id
      WHERE e.id IS NULL OR e.amount_micro_yuan <> a.cost_micro_yuan
         OR (a.settled_cost_micro_yuan IS NULL) <> (s.id IS NULL)
         OR e.amount_micro_yuan + s.amount_micro_yuan <> a.settled_cost_micro_yuan`,
  },
  {
    name: 'cost_has_its_attempt',
    invariant: 'I11',
    severity: 'error',
    table: 'cost_entries',
    explanation: {
      zh: '成本流水所记的调用不存在，或与其任务、功能、会员不符',
      en: 'A cost is booked for an attempt that is not there, or for another task, feature or member than the attempt’s',
    },
    mend: {
      zh: '流水只能追加：查明写入来源，补记更正流水。',
      en: 'The ledger only grows: find who wrote the row and append a correction.',
    },
    find: () => sql`
      SELECT c.id, CONCAT(c.effect_key, ', task ', COALESCE(a.task_id, 'none')) AS detail
      FROM cost_entries c LEFT JOIN task_attempts a ON a.id = c.attempt_id LEFT JOIN tasks t ON t.id = a.task_id
      WHERE c.attempt_id IS NOT NULL AND (t.id IS NULL OR NOT (c.task_id <=> t.id)
        OR NOT (c.feature_id <=> t.feature_id) OR NOT (c.user_id <=> t.user_id))`,
  },
  {
    name: 'cost_price_held',
    invariant: 'I11',
    severity: 'error',
    table: 'cost_entries',
    explanation: {
      zh: '成本按当时未生效的单价预估',
      en: 'A cost was estimated at a unit price that did not hold then',
    },
    mend: {
      zh: '核对各机器的时钟；差额以更正流水补记。',
      en: 'Look at the clocks of the machines; append a correction for the difference.',
    },
    find: () => sql`
      SELECT c.id, CONCAT(c.item, ' at ', c.occurred_at, ', price of ', COALESCE(p.item, 'none')) AS detail
      FROM cost_entries c LEFT JOIN unit_prices p ON p.id = c.unit_price_id
      WHERE c.unit_price_id IS NOT NULL AND (p.id IS NULL OR p.item <> c.item OR p.valid_from > c.occurred_at
        OR p.valid_to <= c.occurred_at)`,
  },
  {
    name: 'prices_follow_each_other',
    invariant: 'I11',
    severity: 'error',
    table: 'unit_prices',
    explanation: {
      zh: '同一项目的单价之间有间隔或重叠',
      en: 'Between two prices of an item there is a gap or an overlap',
    },
    mend: {
      zh: '只经 prices.add 增加单价：前一单价在后一单价生效时结束。',
      en: 'Add prices by prices.add alone: one ends where the next begins.',
    },
    find: () => sql`
      SELECT id, CONCAT(item, ' until ', COALESCE(valid_to, 'open'), ', next from ', next_from) AS detail FROM (
        SELECT id, item, valid_to, LEAD(valid_from) OVER (PARTITION BY item ORDER BY valid_from) AS next_from
        FROM unit_prices) AS prices
      WHERE next_from IS NOT NULL AND NOT (valid_to <=> next_from)`,
  },
  {
    name: 'budget_is_its_tasks',
    invariant: 'I11',
    severity: 'error',
    table: 'budget_weeks',
    explanation: {
      zh: '预算周计数与账目不符：已用须等于该周创建且已结束任务的成本，占用须等于未结束任务的预留',
      en: 'A budget week is not what its tasks say: spent is the cost of those that ended, reserved what the open ones hold',
    },
    mend: {
      zh: '结束任务与计数必须在同一事务内；以账目为准更正计数。',
      en: 'End a task and count it in one transaction; correct the counter to what the ledgers say.',
    },
    find: () => sql`
      SELECT CONCAT(b.scope, ' ', b.week) AS id, CONCAT('spent ', b.spent_micro_yuan, ', reserved ', b.reserved_micro_yuan,
          ', tasks say ', COALESCE(SUM(w.spent), 0), ' and ',
          COALESCE(SUM(CASE b.scope WHEN 'global' THEN w.reserved_global ELSE w.reserved_feature END), 0)) AS detail
      FROM budget_weeks b LEFT JOIN ${weeks} w
        ON w.week = b.week AND (b.scope = 'global' OR b.scope = CONCAT('feature:', w.feature_id))
      GROUP BY b.scope, b.week, b.spent_micro_yuan, b.reserved_micro_yuan
      HAVING b.spent_micro_yuan <> COALESCE(SUM(w.spent), 0) OR b.reserved_micro_yuan <>
        COALESCE(SUM(CASE b.scope WHEN 'global' THEN w.reserved_global ELSE w.reserved_feature END), 0)`,
  },
  {
    name: 'costs_are_counted',
    invariant: 'I11',
    severity: 'error',
    table: 'budget_weeks',
    explanation: {
      zh: '任务已结束或占用预算，但其所在周没有预算计数',
      en: 'A task ended with a cost, or holds of a budget, in a week that has no counter',
    },
    mend: {
      zh: '结束任务与计数必须在同一事务内；以账目为准补上计数。',
      en: 'End a task and count it in one transaction; add the counter as the ledgers say.',
    },
    find: () => sql`
      SELECT CONCAT(w.feature_id, ' ', w.week) AS id, CONCAT('spent ', w.spent, ', reserved ', w.reserved_feature, ' and ',
          w.reserved_global, ', counters ', COUNT(b.scope)) AS detail
      FROM ${weeks} w LEFT JOIN budget_weeks b
        ON b.week = w.week AND (b.scope = CONCAT('feature:', w.feature_id) AND (w.spent > 0 OR w.reserved_feature > 0)
          OR b.scope = 'global' AND (w.spent > 0 OR w.reserved_global > 0))
      GROUP BY w.feature_id, w.week, w.spent, w.reserved_feature, w.reserved_global
      HAVING COUNT(b.scope) < (w.spent > 0 OR w.reserved_feature > 0) + (w.spent > 0 OR w.reserved_global > 0)`,
  },
] as const satisfies readonly Rule[];
