import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** I9: every ledger row has a cause and a subject, every charge a task and every task a charge. */
export const orphanRules = [
  {
    name: 'ledger_row_has_cause',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_logs',
    explanation: {
      zh: '流水没有原因，或所指的额度、扣费、订单不存在或属于他人',
      en: "A ledger row has no cause, or points to a grant, charge or order that is missing or another member's",
    },
    mend: {
      zh: '查明写入它的代码；恢复外键约束。',
      en: 'Find the code that wrote it; restore the foreign keys.',
    },
    find: () => sql`
      SELECT l.id, CONCAT(l.kind, ' ', l.effect_key) AS detail
      FROM quota_logs l
      LEFT JOIN quota_grants g ON g.id = l.grant_id AND g.user_id = l.user_id
      LEFT JOIN quota_charges c ON c.id = l.charge_id AND c.user_id = l.user_id
      LEFT JOIN orders o ON o.id = l.order_id AND o.user_id = l.user_id
      WHERE TRIM(l.cause) = '' OR (l.grant_id IS NULL AND l.charge_id IS NULL)
         OR (l.grant_id IS NOT NULL AND g.id IS NULL) OR (l.charge_id IS NOT NULL AND c.id IS NULL)
         OR (l.order_id IS NOT NULL AND o.id IS NULL) OR (c.id IS NOT NULL AND NOT (l.task_id <=> c.task_id))`,
  },
  {
    name: 'charge_has_task',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_charges',
    explanation: { zh: '扣费没有对应的任务', en: 'A charge has no task' },
    mend: {
      zh: '扣费与任务必须在同一事务内写入；对该扣费退款。',
      en: 'Charge and task are written in one transaction; refund this charge.',
    },
    find: () => sql`
      SELECT c.id, c.task_id AS detail FROM quota_charges c
      LEFT JOIN tasks t ON t.id = c.task_id AND t.charge_id = c.id AND t.user_id = c.user_id
      WHERE t.id IS NULL`,
  },
  {
    name: 'task_has_charge',
    invariant: 'I9',
    severity: 'error',
    table: 'tasks',
    explanation: { zh: '任务没有对应的扣费', en: 'A task has no charge' },
    mend: {
      zh: '任务只能在扣费之后创建；查明绕过准入的写入。',
      en: 'A task is created after its charge; find the write that went round admission.',
    },
    find: () => sql`
      SELECT t.id, t.charge_id AS detail FROM tasks t
      LEFT JOIN quota_charges c ON c.id = t.charge_id AND c.task_id = t.id AND c.user_id = t.user_id
      WHERE c.id IS NULL`,
  },
  {
    name: 'allocation_has_both_ends',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_allocations',
    explanation: {
      zh: '分摊所指的扣费或额度不存在，或不属于同一会员',
      en: 'A part of a charge points to a charge or grant that is missing, or the two are of different members',
    },
    mend: {
      zh: '查明写入它的代码；恢复外键约束。',
      en: 'Find the code that wrote it; restore the foreign keys.',
    },
    find: () => sql`
      SELECT a.id, CONCAT(a.direction, ' ', a.amount) AS detail FROM quota_allocations a
      LEFT JOIN quota_charges c ON c.id = a.charge_id LEFT JOIN quota_grants g ON g.id = a.grant_id
      WHERE c.id IS NULL OR g.id IS NULL OR c.user_id <> g.user_id`,
  },
] as const satisfies readonly Rule[];
