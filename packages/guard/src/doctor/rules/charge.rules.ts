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
      SELECT c.id, CONCAT(c.status, ' ', c.amount, ', charged ', COALESCE(l.charged, 0), ', refunded ', COALESCE(l.refunded, 0)) AS detail
      FROM quota_charges c
      LEFT JOIN (SELECT charge_id, SUM(CASE kind WHEN 'charge' THEN -amount ELSE 0 END) AS charged,
          SUM(CASE kind WHEN 'refund' THEN amount ELSE 0 END) AS refunded,
          SUM(kind = 'charge') AS charges, SUM(kind = 'refund') AS refunds
        FROM quota_logs WHERE charge_id IS NOT NULL GROUP BY charge_id) l ON l.charge_id = c.id
      WHERE COALESCE(l.charges, 0) <> 1 OR l.charged <> c.amount
         OR l.refunds <> (c.status = 'refunded') OR l.refunded <> (CASE c.status WHEN 'refunded' THEN c.amount ELSE 0 END)`,
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
      SELECT c.id, CONCAT(c.status, ' ', c.amount, ', spent ', COALESCE(a.spent, 0), ', returned ', COALESCE(a.returned, 0)) AS detail
      FROM quota_charges c
      LEFT JOIN (SELECT charge_id, SUM(CASE direction WHEN 'spend' THEN amount ELSE 0 END) AS spent,
          SUM(CASE direction WHEN 'return' THEN amount ELSE 0 END) AS returned
        FROM quota_allocations GROUP BY charge_id) a ON a.charge_id = c.id
      WHERE COALESCE(a.spent, 0) <> c.amount
         OR COALESCE(a.returned, 0) <> (CASE c.status WHEN 'refunded' THEN c.amount ELSE 0 END)`,
  },
] as const satisfies readonly Rule[];
