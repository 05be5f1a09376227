import { z } from 'zod';
import { fenSchema, idSchema, instantSchema, quotaSchema } from '../units.ts';

export const planSchema = z.object({
  planId: z.string(),
  version: z.int(),
  level: z.int(),
  title: z.string(),
  titleEn: z.string(),
  priceFen: fenSchema,
  quota: quotaSchema,
  periodDays: z.int(),
});
export const plansOutput = z.object({ items: z.array(planSchema) });

export const ORDER_STATUSES = [
  'pending',
  'paid',
  'closed',
  'refunding',
  'refunded',
  'partially_refunded',
  'amount_mismatch',
  'paid_after_close',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const createOrderInput = z.strictObject({
  planId: z.string().regex(/^[A-Z][A-Z0-9_]{1,31}$/),
  channel: z.literal('native').default('native'),
});
export const getOrderInput = z.strictObject({ orderId: idSchema });
export const orderSchema = z.object({
  id: idSchema,
  planId: z.string(),
  planTitle: z.string(),
  amountFen: fenSchema,
  currency: z.literal('CNY'),
  channel: z.literal('native'),
  status: z.enum(ORDER_STATUSES),
  /** What to show as a QR code; null once the order is no longer pending. */
  codeUrl: z.string().nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  paidAt: instantSchema.nullable(),
});

export type Plan = z.infer<typeof planSchema>;
export type Order = z.infer<typeof orderSchema>;
