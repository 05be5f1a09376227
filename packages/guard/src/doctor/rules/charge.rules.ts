import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** I3: every charge ends exactly once, settled or refunded, and its ledger rows and parts say the same. */
export const chargeRules = [
  {
    name: 'charge_ends_with_task',
    invariant: 'I3',
    severity: 'error',
    table: 'quota_charges',
    explanation: {
      zh: '任务已结束而扣费未了结，或扣费已了结而任务未结束',
      en: 'The task has ended and its charge has not, or the other way round',
    },
    mend: {
      zh: '任务成功则结算，失败或取消则退款；二者必须在同一事务内完成。',
      en: 'Settle it if the task succeeded, refund it if it failed or was cancelled; both belong in one transaction.',
    },
    find: () => sql`
      SELECT c.id, CONCAT('charge ', c.status, ', task ', t.status) AS detail
      FROM quota_charges c JOIN tasks t ON t.charge_id = c.id
      WHERE (c.status = 'held') <> (t.status IN ('pending', 'processing'))`,
  },
  {
    name: 'charge_is_in_ledger',
    invariant: 'I3',
    severity: 'error',
    table: 'quota_charges',
    explanation: {
      zh: '扣费与流水不符：扣款流水须恰有一笔，退款流水当且仅当已退款时恰有一笔，金额相等',
      en: 'A charge is not what the ledger says: one charge row, and one refund row exactly when it is refunded, each of its amount',
    },
    mend: {
      zh: '流水只能追加：查明缺失或多出的一次写入，补记更正流水并修复代码。',
      en: 'The ledger only grows: find the write that is missing or doubled, append a correction and mend the code.',
    },
    find: () => sql`
      SELECT id, CONCAT(status, ' ', amount, ', charged ', charged, ', refunded ', refunded) AS detail FROM (
        SELECT c.id, c.status, c.amount, SUM(CASE l.kind WHEN 'charge' THEN -l.amount ELSE 0 END) AS charged,
          SUM(CASE l.kind WHEN 'refund' THEN l.amount ELSE 0 END) AS refunded,
          COUNT(CASE l.kind WHEN 'charge' THEN 1 END) AS charges, COUNT(CASE l.kind WHEN 'refund' THEN 1 END) AS refunds
        FROM quota_charges c FORCE INDEX (PRIMARY) LEFT JOIN quota_logs l ON l.charge_id = c.id
        GROUP BY c.id
        HAVING charges <> 1 OR charged <> c.amount OR refunds <> (c.status = 'refunded')
          OR refunded <> (CASE c.status WHEN 'refunded' THEN c.amount ELSE 0 END)) AS charges`,
  },
  {
    name: 'charge_parts_add_up',
    invariant: 'I3',
    severity: 'error',
    table: 'quota_charges',
    explanation: {
      zh: '扣费分摊到各笔额度的数量之和不等于扣费（或退回之和不等于退款）',
      en: 'The parts a charge took from grants, or gave back to them, do not add up to it',
    },
    mend: {
      zh: '核对 quota_allocations：扣除之和须等于扣费，退回之和仅在已退款时等于扣费，否则为零。',
      en: 'Check quota_allocations: spends add up to the charge, returns too when it is refunded and are none otherwise.',
    },
    find: () => sql`
      SELECT id, CONCAT(status, ' ', amount, ', spent ', spent, ', returned ', returned) AS detail FROM (
        SELECT c.id, c.status, c.amount, SUM(CASE a.direction WHEN 'spend' THEN a.amount ELSE 0 END) AS spent,
          SUM(CASE a.direction WHEN 'return' THEN a.amount ELSE 0 END) AS returned
        FROM quota_charges c FORCE INDEX (PRIMARY) LEFT JOIN quota_allocations a ON a.charge_id = c.id
        GROUP BY c.id
        HAVING spent <> c.amount OR returned <> (CASE c.status WHEN 'refunded' THEN c.amount ELSE 0 END)) AS parts`,
  },
] as const satisfies readonly Rule[];
