import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** I4 and I5: a failed task costs nothing, a succeeded one its price, and no vendor works before the member has paid. */
export const taskRules = [
  {
    name: 'task_pays_snapshot',
    invariant: 'I4',
    severity: 'error',
    table: 'tasks',
    explanation: {
      zh: '任务的扣费不等于创建时的价格，或成功的任务没有结算',
      en: 'A task was not charged its price at creation, or succeeded without its charge being settled',
    },
    mend: {
      zh: '价格只取任务上的快照；成功与结算必须在同一事务内。',
      en: "Use the task's own price, never today's; succeed and settle in one transaction.",
    },
    find: () => sql`
      SELECT t.id, CONCAT(t.status, ' at ', t.quota_cost, ', charge ', c.status, ' ', c.amount) AS detail
      FROM tasks t JOIN quota_charges c ON c.id = t.charge_id
      WHERE c.amount <> t.quota_cost OR (t.status = 'succeeded' AND c.status <> 'settled')`,
  },
  {
    name: 'failed_task_is_refunded',
    invariant: 'I4',
    severity: 'error',
    table: 'tasks',
    explanation: {
      zh: '应退款的失败任务，或供应商开工前取消的任务，没有退款',
      en: 'A failed task that is eligible, or one cancelled before any vendor worked, was not refunded',
    },
    mend: {
      zh: '用 refundCharge 退款；失败与退款必须在同一事务内。',
      en: 'Refund it with refundCharge; fail and refund in one transaction.',
    },
    find: () => sql`
      SELECT t.id, CONCAT(t.status, ', charge ', c.status) AS detail
      FROM tasks t JOIN quota_charges c ON c.id = t.charge_id
      WHERE t.eligible_for_refund = 1 AND c.status <> 'refunded' AND (t.status = 'failed'
        OR (t.status = 'cancelled' AND NOT EXISTS (SELECT 1 FROM task_attempts a WHERE a.task_id = t.id)))`,
  },
  {
    name: 'refund_flag_is_charge',
    invariant: 'I4',
    severity: 'error',
    table: 'tasks',
    explanation: {
      zh: '任务的已退款标记与扣费状态不符，或不该退款的任务退了款',
      en: "A task's refunded flag is not what became of its charge, or a task that is not eligible was refunded",
    },
    mend: {
      zh: '标记与扣费必须在同一事务内改变；以扣费为准更正标记。',
      en: 'The flag and the charge move in one transaction; correct the flag to what the charge says.',
    },
    find: () => sql`
      SELECT t.id, CONCAT('flag ', t.refunded, ', charge ', c.status) AS detail
      FROM tasks t JOIN quota_charges c ON c.id = t.charge_id
      WHERE (t.refunded = 1) <> (c.status = 'refunded') OR (t.eligible_for_refund = 0 AND c.status = 'refunded')`,
  },
  {
    name: 'attempt_after_charge',
    invariant: 'I5',
    severity: 'error',
    table: 'task_attempts',
    explanation: {
      zh: '供应商在扣费之前就被调用',
      en: 'A vendor was called before the member was charged',
    },
    mend: {
      zh: '先提交扣费事务，再调用供应商；检查该步骤的代码路径。',
      en: 'Commit the charge first, then call the vendor; look at the path of this step.',
    },
    find: () => sql`
      SELECT a.id, CONCAT('started ', a.started_at, ', charged ', COALESCE(c.created_at, 'never')) AS detail
      FROM task_attempts a LEFT JOIN tasks t ON t.id = a.task_id LEFT JOIN quota_charges c ON c.id = t.charge_id
      WHERE c.id IS NULL OR c.created_at > a.started_at`,
  },
] as const satisfies readonly Rule[];
