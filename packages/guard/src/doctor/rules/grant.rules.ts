import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** I2: what was granted is available, spent, expired or clawed back; nothing else happens to it. */
export const grantRules = [
  {
    name: 'grant_adds_up',
    invariant: 'I2',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '额度的剩余不等于：发放 + 退回 − 扣除 − 过期 − 收回',
      en: 'What is left of a grant is not: granted + returned − spent − expired − clawed back',
    },
    mend: {
      zh: '核对该额度的 quota_allocations 与 quota_logs，找出未记账的一次扣除或退回。',
      en: 'Compare its quota_allocations with its quota_logs and find the spend or return that was not written.',
    },
    find: () => sql`
      SELECT g.id, CONCAT('left ', g.remaining, ', by the books ', COALESCE(l.moved, 0) + COALESCE(a.moved, 0)) AS detail
      FROM quota_grants g
      LEFT JOIN (SELECT grant_id, SUM(amount) AS moved FROM quota_logs WHERE kind IN ('grant', 'expire', 'clawback')
        GROUP BY grant_id) l ON l.grant_id = g.id
      LEFT JOIN (SELECT grant_id, SUM(CASE direction WHEN 'return' THEN amount ELSE -amount END) AS moved
        FROM quota_allocations GROUP BY grant_id) a ON a.grant_id = g.id
      WHERE g.remaining <> COALESCE(l.moved, 0) + COALESCE(a.moved, 0)`,
  },
  {
    name: 'grant_has_origin',
    invariant: 'I2',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '额度没有来历：没有等额的发放流水，或补偿额度没有对应的退款',
      en: 'A grant came from nowhere: no ledger row of its amount, or a compensation without the refund it is part of',
    },
    mend: {
      zh: '查明是谁写入了该额度；只有订单、注册、活动和补偿可以产生配额。',
      en: 'Find who wrote it: only orders, sign-up, campaigns and compensations make quota.',
    },
    find: () => sql`
      SELECT g.id, CONCAT(g.source, ' of ', g.amount, ', origin ', COALESCE(refunded.amount, granted.amount, 0)) AS detail
      FROM quota_grants g
      LEFT JOIN quota_logs granted ON granted.effect_key = CONCAT('grant:', g.id) AND granted.grant_id = g.id AND granted.kind = 'grant'
      LEFT JOIN quota_allocations refunded ON refunded.grant_id = g.id AND refunded.direction = 'return'
        AND g.source = 'compensation' AND refunded.charge_id = SUBSTRING(g.effect_key, 14)
      WHERE (g.effect_key NOT LIKE 'compensation:%' AND g.amount <> COALESCE(granted.amount, 0))
         OR (g.effect_key LIKE 'compensation:%' AND (g.source <> 'compensation' OR g.amount <> COALESCE(refunded.amount, 0)
           OR granted.amount IS NOT NULL))`,
  },
] as const satisfies readonly Rule[];
