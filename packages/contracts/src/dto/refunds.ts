import { z } from 'zod';
import { fenSchema, idSchema, instantSchema, quotaSchema } from '../units.ts';
import { approvalSchema } from './approvals.ts';
import { ORDER_CHANNELS, ORDER_STATUSES } from './orders.ts';

/**
 * `intended`: committed here, the vendor may not know of it. `processing`: accepted there. `abnormal`: stuck there, somebody has to
 * act. `succeeded` and `closed` are ends; what is closed gave nothing back.
 */
export const REFUND_STATUSES = ['intended', 'processing', 'abnormal', 'succeeded', 'closed'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];
/** Why: somebody of finance, or a payment that bought nothing, or one that was found at the vendor. */
export const REFUND_CAUSES = [
  'finance',
  'paid_after_close',
  'second_payment',
  'amount_mismatch',
  'found_at_vendor',
] as const;
export type RefundCause = (typeof REFUND_CAUSES)[number];

export const refundSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  paymentId: idSchema,
  userId: idSchema,
  outRefundNo: z.string(),
  cause: z.enum(REFUND_CAUSES),
  reason: z.string(),
  amountFen: fenSchema,
  /** Taken back with it so far, and still to be taken of what running tasks may give back. */
  clawedQuota: quotaSchema,
  dueQuota: quotaSchema,
  /** Membership that ended with it, in ms. */
  removedMs: z.int(),
  status: z.enum(REFUND_STATUSES),
  /** The vendor's own word when it would not. */
  vendorCode: z.string().nullable(),
  requestedBy: idSchema.nullable(),
  approvalId: idSchema.nullable(),
  createdAt: instantSchema,
  succeededAt: instantSchema.nullable(),
});
export const requestRefundInput = z.strictObject({
  orderId: idSchema,
  /** Which payment, when the order has more than one; the one that was credited unless given. */
  paymentId: idSchema.optional(),
  amountFen: z.int().positive().max(1_000_000_000),
  /** For the member's bill at WeChat too: at most 80 characters. */
  reason: z.string().trim().min(2).max(80),
});
/** One of the two: done, or waiting for a second person. */
export const requestedRefundOutput = z.object({
  refund: refundSchema.nullable(),
  approval: approvalSchema.nullable(),
});
export const refundIdInput = z.strictObject({ refundId: idSchema });
export const listRefundsInput = z.strictObject({
  orderId: idSchema.optional(),
  userId: idSchema.optional(),
  status: z.enum(REFUND_STATUSES).optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const refundsOutput = z.object({ items: z.array(refundSchema), nextCursor: idSchema.nullable() });

export const paymentSchema = z.object({
  id: idSchema,
  transactionId: z.string(),
  outcome: z.enum(['granted', 'amount_mismatch', 'paid_after_close', 'second_payment']),
  source: z.enum(['notification', 'query']),
  amountFen: fenSchema,
  currency: z.string(),
  /** Promised back of it, in fen: also refunds under way. */
  refundingFen: fenSchema,
  paidAt: instantSchema,
});
/** An order as finance sees it. */
export const orderRecordSchema = z.object({
  id: idSchema,
  userId: idSchema,
  outTradeNo: z.string(),
  planId: z.string(),
  planVersion: z.int(),
  amountFen: fenSchema,
  channel: z.enum(ORDER_CHANNELS),
  status: z.enum(ORDER_STATUSES),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  paidAt: instantSchema.nullable(),
  closedAt: instantSchema.nullable(),
});
export const orderDetailSchema = orderRecordSchema.extend({
  payments: z.array(paymentSchema),
  refunds: z.array(refundSchema),
});
export const searchOrdersInput = z.strictObject({
  /** Ours or WeChat's number, or the order's id. */
  number: z.string().trim().min(6).max(64).optional(),
  userId: idSchema.optional(),
  status: z.enum(ORDER_STATUSES).optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const orderRecordsOutput = z.object({ items: z.array(orderRecordSchema), nextCursor: idSchema.nullable() });

export type Refund = z.infer<typeof refundSchema>;
export type RequestedRefund = z.infer<typeof requestedRefundOutput>;
export type OrderRecord = z.infer<typeof orderRecordSchema>;
export type OrderDetail = z.infer<typeof orderDetailSchema>;
