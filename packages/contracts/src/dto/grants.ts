import { z } from 'zod';
import { idSchema, instantSchema, quotaSchema } from '../units.ts';
import { approvalSchema } from './approvals.ts';
import { giftQuotaSchema, promotionReasonSchema } from './codes.ts';
import { balanceOutput, historyOutput } from './quota.ts';

export const compensateInput = z.strictObject({
  userId: idSchema,
  amount: giftQuotaSchema,
  /** How long it can be spent, in days of 24 hours. */
  days: z.int().min(1).max(366),
  reason: promotionReasonSchema,
});
export const compensationSchema = z.object({
  id: idSchema,
  userId: idSchema,
  amount: quotaSchema,
  days: z.int(),
  reason: z.string(),
  givenBy: idSchema,
  approvalId: idSchema.nullable(),
  grantId: idSchema,
  createdAt: instantSchema,
});
/** One of the two: given, or waiting for a second person. */
export const compensatedOutput = z.object({
  compensation: compensationSchema.nullable(),
  approval: approvalSchema.nullable(),
});
export const listCompensationsInput = z.strictObject({
  userId: idSchema.optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const compensationsOutput = z.object({
  items: z.array(compensationSchema),
  nextCursor: idSchema.nullable(),
});
export const memberQuotaInput = z.strictObject({
  userId: idSchema,
  cursor: z.int().positive().optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const memberQuotaOutput = z.object({ balance: balanceOutput, history: historyOutput });

export type Compensation = z.infer<typeof compensationSchema>;
export type Compensated = z.infer<typeof compensatedOutput>;
export type MemberQuota = z.infer<typeof memberQuotaOutput>;
