import { z } from 'zod';
import { idSchema, instantSchema } from '../units.ts';

/** What takes a second person. */
export const APPROVAL_KINDS = [
  'order_refund',
  'compensation',
  'promotion',
  'code_batch',
  'free_feature',
  'below_cost',
] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];
export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'withdrawn', 'expired'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const approvalSchema = z.object({
  id: idSchema,
  kind: z.enum(APPROVAL_KINDS),
  subjectType: z.string(),
  subjectId: z.string(),
  /** What is asked for, exactly as it will be done. */
  payload: z.record(z.string(), z.unknown()),
  reason: z.string(),
  requestedBy: idSchema,
  status: z.enum(APPROVAL_STATUSES),
  decidedBy: idSchema.nullable(),
  decisionReason: z.string().nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  decidedAt: instantSchema.nullable(),
});
export const approvalIdInput = z.strictObject({ approvalId: idSchema });
export const listApprovalsInput = z.strictObject({
  status: z.enum(APPROVAL_STATUSES).optional(),
  kind: z.enum(APPROVAL_KINDS).optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const approvalsOutput = z.object({ items: z.array(approvalSchema), nextCursor: idSchema.nullable() });
export const decideApprovalInput = z.strictObject({
  approvalId: idSchema,
  decision: z.enum(['approve', 'reject']),
  reason: z.string().trim().min(2).max(500),
});

export type Approval = z.infer<typeof approvalSchema>;
