import { z } from 'zod';
import { type Bilingual, bilingualSchema, idSchema, instantSchema, quotaSchema } from '../units.ts';

export const GRANT_SOURCES = ['purchase', 'signup', 'promotion', 'compensation'] as const;
export type GrantSource = (typeof GRANT_SOURCES)[number];
export const LEDGER_KINDS = ['grant', 'charge', 'refund', 'expire', 'clawback'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** Why a ledger row was written, in words. */
export const LEDGER_CAUSES = {
  order_paid: { zh: '购买套餐', en: 'Plan bought' },
  signed_up: { zh: '新用户注册赠送', en: 'Given at sign-up' },
  code_redeemed: { zh: '兑换码兑换', en: 'Code redeemed' },
  campaign_claimed: { zh: '领取活动配额', en: 'Campaign claimed' },
  campaign_pushed: { zh: '活动赠送', en: 'Given by a campaign' },
  compensated: { zh: '客服补偿', en: 'Given to make up for something' },
  task_created: { zh: '创建任务', en: 'Task created' },
  task_failed: { zh: '任务失败，返还配额', en: 'Task failed, given back' },
  task_cancelled: { zh: '任务取消，返还配额', en: 'Task cancelled, given back' },
  grant_ended: { zh: '配额到期', en: 'Quota ended' },
  order_refunded: { zh: '订单退款，收回配额', en: 'Order refunded, taken back' },
  refund_failed: { zh: '退款未成功，恢复配额', en: 'Refund failed, restored' },
} as const satisfies Record<string, Bilingual>;

/** The words for a cause; a cause nobody has words for speaks for itself. */
export function causeText(cause: string): Bilingual {
  const known: Readonly<Record<string, Bilingual>> = LEDGER_CAUSES;
  return known[cause] ?? { zh: cause, en: cause };
}

export const grantSchema = z.object({
  id: idSchema,
  source: z.enum(GRANT_SOURCES),
  /** Where it came from: the plan, the campaign, the batch of codes. */
  title: bilingualSchema,
  orderId: idSchema.nullable(),
  amount: quotaSchema,
  remaining: quotaSchema,
  expiresAt: instantSchema,
});
export const balanceOutput = z.object({
  /** What can be spent now: the sum of grants that have not ended. */
  available: quotaSchema,
  grants: z.array(grantSchema),
});
const historyFilter = {
  kind: z.enum(LEDGER_KINDS).optional(),
  /** From this instant, and before that one. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
};
export const historyInput = z.strictObject({
  ...historyFilter,
  cursor: z.int().positive().optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const ledgerEntrySchema = z.object({
  /** Position in the account's own ledger: 1, 2, 3 … without gaps. */
  seq: z.int(),
  kind: z.enum(LEDGER_KINDS),
  amount: z.int(),
  balanceBefore: quotaSchema,
  balanceAfter: quotaSchema,
  cause: z.string(),
  causeText: bilingualSchema,
  /** What it was for: the feature of its task, or where its grant came from. */
  title: bilingualSchema.nullable(),
  taskId: idSchema.nullable(),
  featureId: z.string().nullable(),
  orderId: idSchema.nullable(),
  grantId: idSchema.nullable(),
  createdAt: instantSchema,
});
/** At most 10 000 rows: narrow the time otherwise. */
export const exportHistoryInput = z.strictObject(historyFilter);
export const historyOutput = z.object({ items: z.array(ledgerEntrySchema), nextCursor: z.int().nullable() });

export type Grant = z.infer<typeof grantSchema>;
export type Balance = z.infer<typeof balanceOutput>;
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
export type History = z.infer<typeof historyOutput>;
