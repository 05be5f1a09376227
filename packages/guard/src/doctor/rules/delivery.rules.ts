import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** A relay polls every second or so: a job this late means that none is running. */
const OVERDUE_MS = 5 * 60_000;
/** A finished task's job is taken back at its next delivery; this covers the longest visibility time-out. */
const LEFTOVER_MS = 15 * 60_000;

const before = (now: Date, ms: number): Date => new Date(now.getTime() - ms);
/** Whom a job is about, as text that compares with an id. */
const taskOf = sql`CAST(JSON_UNQUOTE(JSON_EXTRACT(payload, '$.taskId')) AS CHAR(26) CHARACTER SET ascii) COLLATE ascii_bin`;
const orderOf = sql`CAST(JSON_UNQUOTE(JSON_EXTRACT(payload, '$.orderId')) AS CHAR(26) CHARACTER SET ascii) COLLATE ascii_bin`;
const runs = sql`SELECT id, dedup_key, ${taskOf} AS task_id FROM outbox WHERE job = 'task.run'`;
const checks = sql`SELECT id, dedup_key, ${orderOf} AS order_id FROM outbox WHERE job = 'order.reconcile'`;

const promise = {
  zh: '补写一条 outbox 记录；任务或订单与其 outbox 记录必须在同一事务内写入，并在下一条写好之后才能删除。',
  en: 'Write the outbox row again; it belongs in the transaction of its subject and goes only after the next one is written.',
};

/**
 * I10: every committed task reaches the queue within a bound, and no job is without its row. Whom the jobs are about is
 * made a table of its own (DISTINCT), with a key: read from the payload, it would be compared with every task.
 */
export const deliveryRules = [
  {
    name: 'open_task_has_job',
    invariant: 'I10',
    severity: 'error',
    table: 'tasks',
    explanation: { zh: '未结束的任务没有待办作业，将永远停滞', en: 'A task has not ended and no job will ever run it' },
    mend: promise,
    find: () => sql`
      SELECT t.id, t.status AS detail FROM tasks t
      LEFT JOIN (SELECT DISTINCT ${taskOf} AS task_id FROM outbox WHERE job = 'task.run') j ON j.task_id = t.id
      WHERE t.status IN ('pending', 'processing') AND j.task_id IS NULL`,
  },
  {
    name: 'pending_order_has_check',
    invariant: 'I10',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '待支付订单没有查询作业，丢失的支付通知将无人发现',
      en: 'A pending order has no promised check: a lost notification would never be found',
    },
    mend: promise,
    find: () => sql`
      SELECT o.id, CONCAT('created ', o.created_at) AS detail FROM orders o
      LEFT JOIN (SELECT DISTINCT ${orderOf} AS order_id FROM outbox WHERE job = 'order.reconcile') j ON j.order_id = o.id
      WHERE o.status = 'pending' AND j.order_id IS NULL`,
  },
  {
    name: 'open_refund_has_job',
    invariant: 'I10',
    severity: 'error',
    table: 'order_refunds',
    explanation: {
      zh: '未结束的退款没有待办作业，将无人跟进',
      en: 'A refund has not ended and no job will ever follow it',
    },
    mend: promise,
    find: () => sql`
      SELECT r.id, r.status AS detail FROM order_refunds r
      LEFT JOIN outbox j ON j.dedup_key = CONCAT('refund:', r.id)
      WHERE r.is_open = 1 AND j.id IS NULL`,
  },
  {
    name: 'job_has_subject',
    invariant: 'I10',
    severity: 'error',
    table: 'outbox',
    explanation: { zh: '作业所指的任务或订单不存在', en: 'A job points to a task or order that is not there' },
    mend: {
      zh: '删除该 outbox 记录，并查明它为何早于其主体写入。',
      en: 'Delete the outbox row and find out why it was written without its subject.',
    },
    find: () => sql`
      SELECT j.id, j.dedup_key AS detail FROM (${runs}) j LEFT JOIN tasks t ON t.id = j.task_id WHERE t.id IS NULL
      UNION ALL
      SELECT j.id, j.dedup_key AS detail FROM (${checks}) j LEFT JOIN orders o ON o.id = j.order_id WHERE o.id IS NULL`,
  },
  {
    name: 'ended_task_has_no_job',
    invariant: 'I10',
    severity: 'warning',
    table: 'outbox',
    explanation: { zh: '任务早已结束，作业仍未收回', en: 'A task ended long ago and its job is still there' },
    mend: {
      zh: '检查 worker 是否在处理后调用 finishJob。',
      en: 'See whether the worker calls finishJob after it has handled a job.',
    },
    find: (now) => sql`
      SELECT j.id, CONCAT('task ', t.id, ' ', t.status, ' ', t.finished_at) AS detail
      FROM (${runs}) j JOIN tasks t ON t.id = j.task_id WHERE t.finished_at < ${before(now, LEFTOVER_MS)}`,
  },
  {
    name: 'job_is_delivered',
    invariant: 'I10',
    severity: 'warning',
    table: 'outbox',
    explanation: { zh: '作业到期已久仍未投递', en: 'A job has been due for long and was not delivered' },
    mend: {
      zh: '检查 worker 的投递循环是否在运行，以及 Redis 是否可用。',
      en: "See whether the worker's relay runs and whether Redis can be reached.",
    },
    find: (now) => sql`
      SELECT id, CONCAT(dedup_key, ' due ', due_at) AS detail FROM outbox WHERE due_at < ${before(now, OVERDUE_MS)}`,
  },
  {
    name: 'job_is_alive',
    invariant: 'I10',
    severity: 'warning',
    table: 'outbox',
    explanation: {
      zh: '作业多次失败，已停止投递，其任务或订单尚未结束',
      en: 'A job kept failing and is not delivered any more, and its task or order is still open',
    },
    mend: {
      zh: '消除原因后重新投递该作业，或放弃它：任务失败并退还配额。见 docs/operations/dead-letters.md。',
      en: 'Mend the cause and replay the job, or discard it: its task fails and is refunded. See docs/operations/dead-letters.md.',
    },
    find: () => sql`
      SELECT j.id, CONCAT('task ', t.id, ' dead since ', j.dead_at) AS detail
      FROM (SELECT id, dead_at, ${taskOf} AS task_id FROM outbox WHERE job = 'task.run' AND dead_at IS NOT NULL) j
      JOIN tasks t ON t.id = j.task_id WHERE t.finished_at IS NULL
      UNION ALL
      SELECT j.id, CONCAT('order ', o.id, ' dead since ', j.dead_at) AS detail
      FROM (SELECT id, dead_at, ${orderOf} AS order_id FROM outbox WHERE job = 'order.reconcile' AND dead_at IS NOT NULL) j
      JOIN orders o ON o.id = j.order_id WHERE o.status = 'pending'`,
  },
] as const satisfies readonly Rule[];
