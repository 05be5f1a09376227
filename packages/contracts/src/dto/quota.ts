import { z } from 'zod';
import { idSchema, instantSchema, quotaSchema } from '../units.ts';

export const GRANT_SOURCES = ['purchase', 'signup', 'promotion', 'compensation'] as const;
export type GrantSource = (typeof GRANT_SOURCES)[number];
export const LEDGER_KINDS = ['grant', 'charge', 'refund', 'expire', 'clawback'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

export const grantSchema = z.object({
  id: idSchema,
  source: z.enum(GRANT_SOURCES),
  amount: quotaSchema,
  remaining: quotaSchema,
  expiresAt: instantSchema,
});
export const balanceOutput = z.object({
  /** What can be spent now: the sum of grants that have not ended. */
  available: quotaSchema,
  grants: z.array(grantSchema),
});
export const historyInput = z.strictObject({
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
  taskId: idSchema.nullable(),
  orderId: idSchema.nullable(),
  grantId: idSchema.nullable(),
  createdAt: instantSchema,
});
export const historyOutput = z.object({ items: z.array(ledgerEntrySchema), nextCursor: z.int().nullable() });

export type Grant = z.infer<typeof grantSchema>;
export type Balance = z.infer<typeof balanceOutput>;
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;
export type History = z.infer<typeof historyOutput>;
