import { z } from 'zod';
import { idSchema, instantSchema, quotaSchema } from '../units.ts';
import { approvalSchema } from './approvals.ts';
import { fileOutput } from './file.ts';

export const BATCH_STATUSES = ['ready', 'issued', 'disabled'] as const;
export type CodeBatchStatus = (typeof BATCH_STATUSES)[number];

export const promotionTitleSchema = z.string().trim().min(1).max(60);
/** Units of one gift. */
export const giftQuotaSchema = z.int().min(1).max(10_000);
/** How long a gift can be spent, in days of 24 hours from when it is given. */
export const giftDaysSchema = z.int().min(1).max(1_096);
/** Why; kept in the audit log, and shown to the second person where it takes one. */
export const promotionReasonSchema = z.string().trim().min(2).max(500);

export const codeBatchBodySchema = z.strictObject({
  /** Shown to who redeems, and as the origin of the quota. */
  title: promotionTitleSchema,
  quota: giftQuotaSchema,
  grantDays: giftDaysSchema,
  codeCount: z.int().min(1).max(10_000),
  /** How many accounts can redeem one and the same code. */
  usesPerCode: z.int().min(1).max(100_000).default(1),
  /** How many codes of the batch one account can redeem. */
  perUserLimit: z.int().min(1).max(100).default(1),
  /** After this no code of the batch can be redeemed. */
  expiresAt: instantSchema,
});
export type CodeBatchBody = z.infer<typeof codeBatchBodySchema>;

export const codeBatchSchema = codeBatchBodySchema.extend({
  id: idSchema,
  status: z.enum(BATCH_STATUSES),
  /** How often codes of it have been redeemed. */
  uses: z.int(),
  createdBy: idSchema,
  approvalId: idSchema.nullable(),
  createdAt: instantSchema,
  issuedAt: instantSchema.nullable(),
  disabledAt: instantSchema.nullable(),
});
export const createCodeBatchInput = codeBatchBodySchema.extend({ reason: promotionReasonSchema });
/** One of the two: made, or waiting for a second person. */
export const createdCodeBatchOutput = z.object({
  batch: codeBatchSchema.nullable(),
  approval: approvalSchema.nullable(),
});
export const codeBatchIdInput = z.strictObject({ batchId: idSchema });
export const issueCodesInput = codeBatchIdInput.extend({
  /** The codes are lost and none has been redeemed: they become worthless, and new ones take their place. */
  replace: z.boolean().default(false),
});
export const issuedCodesOutput = z.object({
  batch: codeBatchSchema,
  /** Shown here and never again: only hashes are kept. */
  codes: z.array(z.string()),
  /** The same, for a spreadsheet. */
  file: fileOutput,
});
export const disableCodeBatchInput = codeBatchIdInput.extend({ reason: promotionReasonSchema });
export const listCodeBatchesInput = z.strictObject({
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const codeBatchesOutput = z.object({ items: z.array(codeBatchSchema), nextCursor: idSchema.nullable() });

/** As a person types it: spaces, hyphens and small letters do no harm. */
export const redeemCodeInput = z.strictObject({ code: z.string().max(100) });
/** What somebody was just given. */
export const giftOutput = z.object({
  title: z.string(),
  quota: quotaSchema,
  expiresAt: instantSchema,
  /** What can be spent with it. */
  available: quotaSchema,
});

export type CodeBatch = z.infer<typeof codeBatchSchema>;
export type CreatedCodeBatch = z.infer<typeof createdCodeBatchOutput>;
export type IssuedCodes = z.infer<typeof issuedCodesOutput>;
export type Gift = z.infer<typeof giftOutput>;
