import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

const mend = {
  zh: '查明是谁写入了该额度，从备份或审计记录核对；只有订单、注册、兑换码、活动和补偿可以产生配额。',
  en: 'Find who wrote it and compare with a backup or the audit log: only orders, sign-up, codes, campaigns and compensations make quota.',
};

/** I2, I9: every grant was made by something that may make quota, exactly as much as that gives, and no more often than it may. */
export const originRules = [
  {
    name: 'purchase_is_of_order',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '购买额度不属于本人已入账的订单',
      en: 'A grant by purchase is not of an order of the same member with a payment that was credited',
    },
    mend,
    find: () => sql`
      SELECT g.id, g.effect_key AS detail FROM quota_grants g
      LEFT JOIN orders o ON o.id = g.order_id AND o.user_id = g.user_id AND g.effect_key = CONCAT('order:', o.id)
      LEFT JOIN payment_transactions p ON p.order_id = o.id AND p.outcome = 'granted'
      WHERE g.source = 'purchase' AND p.id IS NULL`,
  },
  {
    name: 'promotion_has_origin',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '活动额度没有对应的兑换或领取记录，或数量不符',
      en: 'A grant by promotion is of no redeemed code and no claimed campaign of that member and amount',
    },
    mend,
    find: () => sql`
      SELECT g.id, CONCAT(g.amount, ' by ', g.effect_key) AS detail FROM quota_grants g
      LEFT JOIN code_uses u ON u.grant_id = g.id AND u.user_id = g.user_id
        AND g.effect_key = CONCAT('code:', u.code_id, ':', u.use_no)
      LEFT JOIN redemption_codes d ON d.id = u.code_id AND d.batch_id = u.batch_id
      LEFT JOIN code_batches b ON b.id = d.batch_id AND b.quota = g.amount
      LEFT JOIN campaign_claims c ON c.grant_id = g.id AND c.user_id = g.user_id
        AND g.effect_key = CONCAT('campaign:', c.campaign_id, ':', c.user_id)
      LEFT JOIN campaigns p ON p.id = c.campaign_id AND p.quota = g.amount
      WHERE g.source = 'promotion' AND b.id IS NULL AND p.id IS NULL`,
  },
  {
    name: 'signup_is_once',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '注册赠送不是以本人账户为键，或同一账户多于一次',
      en: 'A sign-up grant is not keyed by its own account, or an account has more than one',
    },
    mend,
    find: () => sql`
      SELECT id, effect_key AS detail FROM (
        SELECT id, user_id, effect_key, COUNT(*) OVER (PARTITION BY user_id) AS times
        FROM quota_grants WHERE source = 'signup') AS given
      WHERE times > 1 OR effect_key <> CONCAT('signup:', user_id)`,
  },
  {
    name: 'compensation_has_origin',
    invariant: 'I9',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '补偿额度既非任务返还、未成退款的恢复，也没有对应的补偿记录，或数量不符，或发给了发放人本人',
      en: 'A compensation is neither of a refunded charge nor of a refund that failed nor of a compensation row of that member and amount, or went to whoever gave it',
    },
    mend,
    find: () => sql`
      SELECT g.id, CONCAT(g.amount, ' by ', g.effect_key) AS detail FROM quota_grants g
      LEFT JOIN quota_charges h ON h.id = SUBSTRING(g.effect_key, 14) AND h.user_id = g.user_id
        AND h.status = 'refunded' AND g.effect_key LIKE 'compensation:%'
      LEFT JOIN compensations c ON c.grant_id = g.id AND c.user_id = g.user_id AND c.amount = g.amount
        AND c.given_by <> c.user_id AND g.effect_key = CONCAT('goodwill:', c.id)
      LEFT JOIN order_refunds r ON g.effect_key = CONCAT('refund_closed:', r.id) AND r.user_id = g.user_id
        AND r.status = 'closed' AND r.clawed_quota = g.amount
      WHERE g.source = 'compensation' AND h.id IS NULL AND c.id IS NULL AND r.id IS NULL`,
  },
  {
    name: 'code_uses_are_counted',
    invariant: 'I2',
    severity: 'error',
    table: 'redemption_codes',
    explanation: {
      zh: '兑换码的使用次数与兑换记录不符，或超过上限',
      en: 'A code counts other uses than it has, or more than it may',
    },
    mend,
    find: () => sql`
      SELECT d.id, CONCAT('counts ', d.uses, ', has ', COALESCE(u.times, 0), ', may ', d.max_uses) AS detail
      FROM redemption_codes d
      LEFT JOIN (SELECT code_id, COUNT(*) AS times, MAX(use_no) AS last FROM code_uses GROUP BY code_id) u ON u.code_id = d.id
      WHERE d.uses <> COALESCE(u.times, 0) OR d.uses <> COALESCE(u.last, 0) OR d.uses > d.max_uses`,
  },
  {
    name: 'codes_are_of_batch',
    invariant: 'I2',
    severity: 'error',
    table: 'code_batches',
    explanation: {
      zh: '批次的兑换码多于批准的数量，或单码可用次数超过批次设定',
      en: 'A batch has more codes than were asked for, or codes that can be used more often',
    },
    mend,
    find: () => sql`
      SELECT b.id, CONCAT(c.codes, ' codes of ', b.code_count, ', uses ', c.most, ' of ', b.uses_per_code) AS detail
      FROM code_batches b
      JOIN (SELECT batch_id, COUNT(*) AS codes, MAX(max_uses) AS most FROM redemption_codes GROUP BY batch_id) c
        ON c.batch_id = b.id
      WHERE c.codes > b.code_count OR c.most > b.uses_per_code OR b.status = 'ready'`,
  },
  {
    name: 'code_limit_holds',
    invariant: 'I2',
    severity: 'error',
    table: 'code_uses',
    explanation: {
      zh: '会员在一个批次的兑换次数超过每人上限',
      en: 'A member has redeemed more codes of a batch than one account may',
    },
    mend,
    find: () => sql`
      SELECT CONCAT(u.batch_id, ' ', u.user_id) AS id, CONCAT(u.times, ' of ', b.per_user_limit) AS detail
      FROM (SELECT batch_id, user_id, COUNT(*) AS times FROM code_uses GROUP BY batch_id, user_id) u
      JOIN code_batches b ON b.id = u.batch_id
      WHERE u.times > b.per_user_limit`,
  },
  {
    name: 'campaign_claims_are_counted',
    invariant: 'I2',
    severity: 'error',
    table: 'campaigns',
    explanation: {
      zh: '活动的领取人数与领取记录不符，或超过上限',
      en: 'A campaign counts other claims than it has, or more than its cap',
    },
    mend,
    find: () => sql`
      SELECT p.id, CONCAT('counts ', p.claimed, ', has ', COALESCE(c.times, 0), ', cap ', p.total_cap) AS detail
      FROM campaigns p
      LEFT JOIN (SELECT campaign_id, COUNT(*) AS times FROM campaign_claims GROUP BY campaign_id) c ON c.campaign_id = p.id
      WHERE p.claimed <> COALESCE(c.times, 0) OR p.claimed > p.total_cap`,
  },
  {
    name: 'approval_covers_promotion',
    invariant: 'I9',
    severity: 'error',
    table: 'approvals',
    explanation: {
      zh: '批次、活动或补偿所引用的审批单未批准、不是同一事项，或与批准的内容不符',
      en: 'A batch, campaign or compensation names an approval that was not given, was for something else, or for another amount',
    },
    mend: {
      zh: '停用该批次或活动，查明是谁绕过了审批。',
      en: 'Disable the batch or stop the campaign, and find who went round the second person.',
    },
    find: () => sql`
      SELECT made.id, CONCAT(made.kind, ' by approval ', CONVERT(made.approval_id USING utf8mb4)) AS detail FROM (
        SELECT 'code_batch' AS kind, id, id AS subject_id, created_by AS asked_by, approval_id,
          CONCAT_WS(' ', quota, grant_days, code_count, uses_per_code) AS terms
          FROM code_batches WHERE approval_id IS NOT NULL
        UNION ALL SELECT 'promotion', id, id, created_by, approval_id, CONCAT_WS(' ', quota, grant_days, total_cap)
          FROM campaigns WHERE approval_id IS NOT NULL
        UNION ALL SELECT 'compensation', id, user_id, given_by, approval_id, CONCAT_WS(' ', amount, grant_days)
          FROM compensations WHERE approval_id IS NOT NULL) AS made
      LEFT JOIN approvals a ON a.id = made.approval_id AND a.kind = made.kind AND a.subject_id = made.subject_id
        AND a.requested_by = made.asked_by AND a.status = 'approved' AND made.terms = CASE a.kind
          WHEN 'code_batch' THEN CONCAT_WS(' ', JSON_EXTRACT(a.payload, '$.quota'), JSON_EXTRACT(a.payload, '$.grantDays'),
            JSON_EXTRACT(a.payload, '$.codeCount'), JSON_EXTRACT(a.payload, '$.usesPerCode'))
          WHEN 'promotion' THEN CONCAT_WS(' ', JSON_EXTRACT(a.payload, '$.quota'), JSON_EXTRACT(a.payload, '$.grantDays'),
            JSON_EXTRACT(a.payload, '$.totalCap'))
          ELSE CONCAT_WS(' ', JSON_EXTRACT(a.payload, '$.amount'), JSON_EXTRACT(a.payload, '$.days')) END
      WHERE a.id IS NULL`,
  },
] as const satisfies readonly Rule[];
