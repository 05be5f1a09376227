import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

const guard = {
  zh: '状态更新必须带 WHERE status IN (…)，影响零行即让步；检查绕过它的写入。',
  en: 'Every move is an UPDATE … WHERE status IN (…) that yields when it matches no row; find the write that went round it.',
};

/** I6: what has ended stays as it ended, and of two moves one wins. */
export const transitionRules = [
  {
    name: 'task_ends_once',
    invariant: 'I6',
    severity: 'error',
    table: 'task_events',
    explanation: { zh: '任务结束之后又有状态变化', en: 'A task moved on after it had ended' },
    mend: guard,
    find: () => sql`
      SELECT e.id, CONCAT('task ', e.task_id, ' ended with event ', ended.id, ', then ', e.status) AS detail
      FROM task_events e
      JOIN (SELECT task_id, MIN(id) AS id FROM task_events WHERE status IN ('succeeded', 'failed', 'cancelled')
        GROUP BY task_id) ended ON ended.task_id = e.task_id
      WHERE e.id > ended.id`,
  },
  {
    name: 'task_is_last_event',
    invariant: 'I6',
    severity: 'error',
    table: 'tasks',
    explanation: { zh: '任务状态与最后一条事件不符', en: 'A task is not in the state of its last event' },
    mend: {
      zh: '状态与事件必须在同一事务内写入。',
      en: 'Write the move and its event in one transaction.',
    },
    find: () => sql`
      SELECT t.id, CONCAT('task ', t.status, ', event ', e.status) AS detail
      FROM tasks t
      JOIN (SELECT task_id, MAX(id) AS id FROM task_events GROUP BY task_id) latest ON latest.task_id = t.id
      JOIN task_events e ON e.id = latest.id
      WHERE e.status <> t.status`,
  },
  {
    name: 'closed_order_stays',
    invariant: 'I6',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '已关闭的订单又变成其他状态（只有 paid_after_close 及其退款例外）',
      en: 'A closed order moved elsewhere than to paid_after_close and its refund',
    },
    mend: guard,
    find: () => sql`
      SELECT id, status AS detail FROM orders
      WHERE (closed_at IS NOT NULL AND status IN ('pending', 'paid', 'amount_mismatch'))
         OR (closed_at IS NULL AND status IN ('closed', 'paid_after_close'))`,
  },
] as const satisfies readonly Rule[];
