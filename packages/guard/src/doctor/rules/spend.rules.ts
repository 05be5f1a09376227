import { sql } from 'kysely';
import type { Rule } from '../rule.ts';
import { walkBurnOrder } from './burn-order.walk.ts';

/** I14: what ends first is spent first, and a refund goes back to where the charge came from. */
export const spendRules = [
  {
    name: 'spends_what_ends_first',
    invariant: 'I14',
    severity: 'error',
    table: 'quota_allocations',
    explanation: {
      zh: '扣费没有先用最先到期的额度（同时到期时先用较早的）',
      en: 'A charge did not take from the grant that ends first, then the oldest',
    },
    mend: {
      zh: '只用 burn() 决定扣哪一笔；找出绕过它的写入，并补偿会员因此过期的数量。',
      en: 'Only burn() decides; find the write that went round it, and compensate what ended unspent because of it.',
    },
    walk: walkBurnOrder,
  },
  {
    name: 'refund_goes_where_it_came_from',
    invariant: 'I14',
    severity: 'error',
    table: 'quota_allocations',
    explanation: {
      zh: '退款没有按原额度返还：返还的额度或数量与扣费不同，也不是该扣费的补偿额度',
      en: 'A refund went to a grant that the charge did not come from, or as another amount, and that is not its compensation grant',
    },
    mend: {
      zh: '退款只经 refundCharge 写入；额度已结束的部分只能进入 compensation:<扣费>。',
      en: 'Refund by refundCharge only; what came from grants that have ended goes to compensation:<charge>.',
    },
    find: () => sql`
      SELECT a.id, CONCAT('charge ', a.charge_id, ' gave ', a.amount, ' to ', a.grant_id, ', took ', COALESCE(s.amount, 0)) AS detail
      FROM quota_allocations a
      LEFT JOIN quota_allocations s ON s.charge_id = a.charge_id AND s.grant_id = a.grant_id AND s.direction = 'spend'
      LEFT JOIN quota_grants g ON g.id = a.grant_id AND g.effect_key = CONCAT('compensation:', a.charge_id)
      WHERE a.direction = 'return' AND g.id IS NULL AND (s.id IS NULL OR s.amount <> a.amount)`,
  },
] as const satisfies readonly Rule[];
