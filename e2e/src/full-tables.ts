import { type Send, sqlValue } from '@yunshang/db';
import { auditChain } from './full-audit.ts';
import { told, vendorAccounts } from './full-costs.ts';
import { money } from './full-money.ts';
import { promotions } from './full-promotions.ts';
import { reconciliation } from './full-reconciliation.ts';
import { ago, ahead, id, insert, MEMBERS, type Owner } from './full-rows.ts';

const TASKS = 20_000;
/** The 606 tasks that have not ended: more than a page of the sweep, so that it turns one. */
const IS_OPEN = 'n % 33 = 5';

const task = (number: string): string => `CONCAT('01B', LPAD(${number}, 23, '0'))`;

/**
 * Rows of years of use, so that an index is worth more than a scan. Each is as its table wants it; together they are no books.
 * Nothing of it is due. The busiest member has 100 to 400 rows in a table, everybody else a few.
 */
export async function fillTables(send: Send, busiest: string): Promise<void> {
  await send([
    'CREATE TEMPORARY TABLE numbers (n INT PRIMARY KEY)',
    `INSERT INTO numbers WITH RECURSIVE digit (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digit WHERE d < 9)
       SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d FROM digit a, digit b, digit c, digit e, digit f
        WHERE f.d < 2`,
    'SET SESSION foreign_key_checks = 0',
  ]);
  // Jobs come before their tasks: a sweep promises what it finds missing.
  const owner = (every: number): string => `IF(n % ${every} = 3, ${sqlValue(busiest)}, ${id(`n % ${MEMBERS}`)})`;
  const rooms = [
    people,
    purchases,
    money,
    promotions,
    told,
    vendorAccounts,
    ledger,
    delivery,
    work,
    auditChain,
    reconciliation,
  ];
  for (const statement of rooms.flatMap((rows) => rows(owner))) await send([statement]);
  await send([
    // So that the limits of its windows look back at earlier uses.
    `UPDATE feature_usage SET seq = (SELECT MAX(feature_seq) FROM tasks WHERE user_id = ${sqlValue(busiest)})
      WHERE user_id = ${sqlValue(busiest)}`,
    'SET SESSION foreign_key_checks = 1',
    'DROP TEMPORARY TABLE numbers',
  ]);
}

function people(owner: Owner): string[] {
  return [
    insert('users', MEMBERS, {
      id: id('n'),
      account_id: "CONCAT('F', n)",
      phone_enc: "'filled'",
      phone_key_version: '1',
      phone_index: "UNHEX(SHA2(CONCAT('phone', n), 256))",
      created_at: ago('n HOUR'),
      updated_at: ago('n HOUR'),
    }),
    insert('sessions', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      user_agent: "'filled'",
      created_at: ago('n MINUTE'),
      rotated_at: ago('n MINUTE'),
      expires_at: ahead('30 + n % 30 DAY'),
      ended_at: `IF(n % 2 = 0, ${ago('n MINUTE')}, NULL)`,
      end_reason: "IF(n % 2 = 0, 'signed_out', NULL)",
    }),
    insert('sms_codes', MEMBERS, {
      id: id('n'),
      phone_index: "UNHEX(SHA2(CONCAT('phone', n), 256))",
      code_hash: "UNHEX(SHA2('code', 256))",
      status: "'used'",
      created_at: ago('10 * n SECOND'),
      expires_at: ahead('5 MINUTE'),
    }),
    insert('sms_limits', MEMBERS, {
      phone_index: "UNHEX(SHA2(CONCAT('phone', n), 256))",
      last_sent_at: ago('10 * n SECOND'),
      day: 'UTC_DATE()',
      day_count: '1',
    }),
    insert('task_batches', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      feature_id: "'basic_clean'",
      size: '1',
      created_at: ago('n MINUTE'),
    }),
    insert('callback_nonces', MEMBERS, { nonce: id('n'), seen_at: 'UTC_TIMESTAMP(3)' }),
    insert('moderation_results', MEMBERS, {
      id: id('n'),
      object_key: id('n'),
      sha256: "UNHEX(SHA2(CONCAT('picture', n), 256))",
      direction: "'input'",
      verdict: "'pass'",
      created_at: ago('n MINUTE'),
    }),
    insert('audit_logs', MEMBERS, {
      actor_role: "'system'",
      action: "'filled'",
      subject_type: "'user'",
      subject_id: owner(50),
      details: "'{}'",
      request_id: "'filled'",
      created_at: ago('n MINUTE'),
    }),
  ];
}

function purchases(owner: Owner): string[] {
  return [
    insert('orders', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      out_trade_no: id('n'),
      plan_id: "'BASIC'",
      plan_version: '1',
      plan_snapshot: `JSON_OBJECT('planId', 'BASIC', 'version', 1, 'level', 1, 'title', '基础版', 'titleEn', 'Basic',
        'priceFen', 9900, 'quota', 100, 'periodDays', 30)`,
      amount_fen: '9900',
      currency: "'CNY'",
      channel: "'native'",
      status: "IF(n % 5 = 0, 'closed', 'paid')",
      created_at: ago('40 + n % 300 DAY'),
      expires_at: ago('40 + n % 300 DAY'),
      paid_at: ago('40 + n % 300 DAY'),
      updated_at: ago('40 + n % 300 DAY'),
    }),
    insert('payment_transactions', MEMBERS, {
      id: id('n'),
      order_id: id('n'),
      mchid: "'1900000001'",
      transaction_id: id('n'),
      source: "'notification'",
      amount_fen: '9900',
      currency: "'CNY'",
      outcome: "'granted'",
      success_time: ago('40 DAY'),
      created_at: ago('40 DAY'),
    }),
    insert('membership_periods', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      plan_id: "'BASIC'",
      level: '1',
      // The busiest member's have ended: one is in force, the bought one.
      starts_at: ago('n SECOND'),
      ends_at: ahead('30 DAY'),
      order_id: id('n'),
      created_at: ago('40 DAY'),
    }).concat(' AND n % 50 <> 3'),
    insert('membership_periods', MEMBERS, {
      id: id('n'),
      user_id: owner(50),
      plan_id: "'BASIC'",
      level: '1',
      starts_at: ago('40 + n DAY'),
      ends_at: ago('39 + n DAY'),
      order_id: id('n'),
      created_at: ago('40 DAY'),
    }).concat(' AND n % 50 = 3'),
  ];
}

function ledger(owner: Owner): string[] {
  return [
    insert('quota_grants', MEMBERS, {
      id: id('n'),
      user_id: owner(20),
      source: "'promotion'",
      amount: '100',
      remaining: 'IF(n % 10 = 1, 40, 0)',
      expires_at: ahead('1 + n % 300 DAY'),
      effect_key: id('n'),
      created_at: ago('40 DAY'),
    }),
    insert('quota_charges', TASKS, {
      id: id('n'),
      user_id: owner(50),
      task_id: task('n'),
      amount: '1',
      status: "'settled'",
      created_at: ago('n MINUTE'),
      ended_at: ago('n MINUTE'),
    }),
    insert('quota_logs', TASKS, {
      user_id: owner(50),
      seq: '1000 + n',
      kind: "IF(n % 4 = 0, 'grant', 'charge')",
      amount: 'IF(n % 4 = 0, 100, -1)',
      balance_before: '1',
      balance_after: 'IF(n % 4 = 0, 101, 0)',
      cause: "'filled'",
      effect_key: `CONCAT('filled:', n)`,
      grant_id: `IF(n % 4 = 0, ${id('n DIV 4')}, NULL)`,
      charge_id: `IF(n % 4 = 0, NULL, ${id('n')})`,
      task_id: `IF(n % 4 = 0, NULL, ${task('n')})`,
      created_at: ago('n MINUTE'),
    }),
    insert('quota_allocations', TASKS, {
      charge_id: id('n'),
      grant_id: id(`n % ${MEMBERS}`),
      direction: "'spend'",
      amount: '1',
      created_at: ago('n MINUTE'),
    }),
    insert('feature_usage', MEMBERS, {
      user_id: id('n'),
      feature_id: "'basic_clean'",
      seq: '4',
      last_at: ago('n MINUTE'),
    }),
  ];
}

function work(owner: Owner): string[] {
  return [
    insert('tasks', TASKS, {
      id: task('n'),
      user_id: owner(50),
      feature_id: "IF(n % 7 = 3, 'promo_poster', 'basic_clean')",
      feature_seq: '1000 + n DIV 50',
      charge_id: id('n'),
      quota_cost: '1',
      form_version: '1',
      pipeline_version: '1',
      input: "'{}'",
      status: `IF(${IS_OPEN}, 'processing', ELT(1 + n % 20, 'failed', 'cancelled', ${Array(18).fill("'succeeded'").join(', ')}))`,
      percent: '50',
      stage: "'done'",
      eligible_for_refund: '1',
      refunded: '0',
      failure_code: `IF(n % 20 = 0 AND NOT (${IS_OPEN}), 'PROVIDER_FAILED', NULL)`,
      deadline_at: `IF(${IS_OPEN}, ${ahead('86400 + n SECOND')}, ${ago('n MINUTE')})`,
      created_at: ago('40 * 24 * 60 + n MINUTE'),
      finished_at: `IF(${IS_OPEN}, NULL, ${ago('n MINUTE')})`,
    }),
    insert('task_steps', TASKS, {
      task_id: task('n'),
      step_index: '0',
      name: "'clean'",
      type: "'sync_api'",
      status: "'succeeded'",
      output: "'{}'",
      started_at: ago('n MINUTE'),
    }),
    insert('task_attempts', TASKS, {
      id: id('n'),
      task_id: task('n'),
      step_index: '0',
      attempt_no: '1',
      provider_ref: "IF(n % 2 = 0, 'tencent-ci', 'builtin-image-engine')",
      status: "'succeeded'",
      cost_micro_yuan: '1',
      started_at: ago('n MINUTE'),
    }),
    insert('task_events', TASKS, {
      task_id: task('n DIV 4'),
      status: "'processing'",
      percent: '50',
      stage: "'processing'",
      created_at: ago('n MINUTE'),
    }),
    insert('assets', MEMBERS, {
      id: id('n'),
      user_id: owner(20),
      kind: "IF(n % 40 < 20, 'upload', 'result')",
      status: "'ready'",
      object_key: id('n'),
      content_type: "'image/jpeg'",
      bytes: '1000',
      width: '768',
      height: '1024',
      sha256: "UNHEX(SHA2('picture', 256))",
      task_id: `IF(n % 40 < 20, NULL, ${task('n')})`,
      feature_id: "IF(n % 40 < 20, NULL, 'basic_clean')",
      output_name: "IF(n % 40 < 20, NULL, 'image')",
      created_at: ago('n MINUTE'),
    }),
  ];
}

function delivery(owner: Owner): string[] {
  return [
    insert('outbox', TASKS, {
      job: "'task.run'",
      payload: `CONCAT('{"taskId":"', ${task('n')}, '"}')`,
      dedup_key: `CONCAT('task:', ${task('n')})`,
      due_at: ahead('86400 + n SECOND'),
      created_at: ago('n SECOND'),
    }).concat(` AND ${IS_OPEN}`),
    insert('outbox', MEMBERS, {
      job: "'order.reconcile'",
      payload: `CONCAT('{"orderId":"', ${id('n')}, '","check":0}')`,
      dedup_key: `CONCAT('order-check:', n)`,
      due_at: ahead('86400 + n SECOND'),
      created_at: ago('n SECOND'),
    }),
    insert('idempotency_keys', MEMBERS, {
      user_id: owner(20),
      scope: "'tasks.create'",
      idem_key: "CONCAT('filled-', n)",
      request_hash: "UNHEX(SHA2('request', 256))",
      resource_id: task('n'),
      created_at: ago('n MINUTE'),
    }),
  ];
}

/** Makes a few things due that the worker's schedules look for; `mine` is a task that waits. */
export async function makeDue(send: Send, mine: { taskId: string }): Promise<void> {
  await send([
    `UPDATE tasks SET deadline_at = ${ago('1 MINUTE')} WHERE id = ${sqlValue(mine.taskId)}`,
    `UPDATE sessions SET expires_at = ${ago('1 MINUTE')} WHERE id LIKE '01A%' AND ended_at IS NULL LIMIT 5`,
    `UPDATE sessions SET expires_at = ${ago('3 DAY')} WHERE id LIKE '01A%' AND ended_at IS NOT NULL LIMIT 5`,
    `UPDATE sms_codes SET created_at = ${ago('3 DAY')} WHERE id LIKE '01A%' LIMIT 5`,
    `UPDATE idempotency_keys SET created_at = ${ago('8 DAY')} WHERE idem_key LIKE 'filled-%' LIMIT 5`,
    `UPDATE assets SET status = 'pending', created_at = ${ago('3 DAY')} WHERE id LIKE '01A%' AND kind = 'upload' LIMIT 5`,
  ]);
}

/** How many things are due: 0 once every schedule has run. */
export async function countDue(send: Send): Promise<number> {
  const [[row] = []] = await send([
    `SELECT (SELECT COUNT(*) FROM tasks WHERE open_deadline < UTC_TIMESTAMP(3))
          + (SELECT COUNT(*) FROM orders WHERE status = 'pending')
          + (SELECT COUNT(*) FROM quota_grants WHERE open_until < UTC_TIMESTAMP(3))
          + (SELECT COUNT(*) FROM sessions WHERE expires_at < UTC_TIMESTAMP(3) AND ended_at IS NULL)
          + (SELECT COUNT(*) FROM sessions WHERE expires_at < UTC_TIMESTAMP(3) - INTERVAL 2 DAY)
          + (SELECT COUNT(*) FROM sms_codes WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 2 DAY)
          + (SELECT COUNT(*) FROM idempotency_keys WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL 7 DAY)
          + (SELECT COUNT(*) FROM assets WHERE status = 'pending') AS due`,
  ]);
  return Number(row?.['due']);
}
