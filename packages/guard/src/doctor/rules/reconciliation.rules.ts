import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** Days whose newest ended comparison had the trade bill whole. A day that was never compared is no broken row. */
const comparedDays = sql`(SELECT r.day, r.id FROM reconciliation_runs r
    JOIN (SELECT day, MAX(id) AS id FROM reconciliation_runs WHERE kind = 'wechat' AND state = 'done' GROUP BY day) newest ON newest.id = r.id
   WHERE JSON_EXTRACT(r.bills, '$[0].state') = 'ready'
     AND NOT EXISTS (SELECT 1 FROM reconciliation_findings f JOIN reconciliation_exceptions x ON x.id = f.exception_id
       WHERE f.run_id = r.id AND x.kind IN ('bill_truncated', 'bill_unreadable')))`;

/** I16: bill, orders and books are one-to-one, or each difference is a typed exception. */
export const reconciliationRules = [
  {
    name: 'payment_is_billed',
    invariant: 'I16',
    severity: 'error',
    table: 'payment_transactions',
    explanation: {
      zh: '已对账日期的付款既不在账单中，也没有对应的对账差异',
      en: 'A payment of a day that was compared is neither in its bill nor a difference',
    },
    mend: {
      zh: '重新对账当天（pnpm reconcile <日期>）；如仍出现，查明谁改动了 billed_on 或删除了差异。',
      en: 'Compare the day again (pnpm reconcile <day>); if it stays, find who changed billed_on or took the difference away.',
    },
    find: () => sql`
      SELECT p.id, CONCAT('paid ', p.success_time, ', compared ', d.day) AS detail
      FROM ${comparedDays} d
      JOIN reconciliation_runs r ON r.id = d.id
      JOIN payment_transactions p ON p.success_time >= d.day - INTERVAL 8 HOUR AND p.success_time < d.day + INTERVAL 16 HOUR
        AND p.created_at < r.started_at AND p.billed_on IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM reconciliation_exceptions x
        WHERE x.subject = p.transaction_id AND x.kind IN ('credited_not_there', 'wrong_merchant'))`,
  },
  {
    name: 'billed_on_its_day',
    invariant: 'I16',
    severity: 'error',
    table: 'payment_transactions',
    explanation: {
      zh: '付款所在账单的日期没有完成过对账',
      en: 'A payment is said to be in the bill of a day that was never compared',
    },
    mend: { zh: '重新对账当天，并查明谁写入了 billed_on。', en: 'Compare the day and find who wrote billed_on.' },
    find: () => sql`
      SELECT p.id, CONCAT('billed on ', p.billed_on) AS detail FROM payment_transactions p
      WHERE p.billed_on IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM reconciliation_runs r WHERE r.day = p.billed_on AND r.kind = 'wechat' AND r.started_at IS NOT NULL)`,
  },
  {
    name: 'run_counts_its_findings',
    invariant: 'I16',
    severity: 'error',
    table: 'reconciliation_runs',
    explanation: {
      zh: '已结束的对账所记的差异数与其差异记录不符',
      en: 'An ended comparison counts other differences than it has rows of',
    },
    mend: {
      zh: '差异记录不得删除；重新对账当天并查明原因。',
      en: 'Findings are never deleted: compare the day again and find out why.',
    },
    find: () => sql`
      SELECT r.id, CONCAT('found ', r.found, ', healed ', r.healed, ', rows ', COALESCE(f.found, 0), ' and ', COALESCE(f.healed, 0)) AS detail
      FROM reconciliation_runs r
      LEFT JOIN (SELECT run_id, COUNT(*) AS found, SUM(is_healed) AS healed FROM reconciliation_findings GROUP BY run_id) f ON f.run_id = r.id
      WHERE r.state = 'done' AND (r.found <> COALESCE(f.found, 0) OR r.healed <> COALESCE(f.healed, 0))`,
  },
  {
    name: 'exception_is_its_history',
    invariant: 'I16',
    severity: 'error',
    table: 'reconciliation_exceptions',
    explanation: {
      zh: '对账差异的状态与其历史的最后一条不符，或没有历史',
      en: 'A difference is not in the state its newest event says, or has no history',
    },
    mend: {
      zh: '状态与历史必须在同一事务内写入；以历史为准查明原因。',
      en: 'State and event are written in one transaction; the history is the truth.',
    },
    find: () => sql`
      SELECT x.id, CONCAT(x.state, ', history ', COALESCE(v.to_state, 'none')) AS detail
      FROM reconciliation_exceptions x
      LEFT JOIN (SELECT exception_id, MAX(id) AS id FROM reconciliation_events GROUP BY exception_id) newest ON newest.exception_id = x.id
      LEFT JOIN reconciliation_events v ON v.id = newest.id
      WHERE v.id IS NULL OR v.to_state <> x.state`,
  },
] as const satisfies readonly Rule[];
