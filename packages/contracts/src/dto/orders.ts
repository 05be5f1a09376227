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
  /** How long it lasts, in one of the two: days of 24 hours, or months of Asia/Shanghai's calendar. */
  periodDays: z.int().nullable(),
  periodMonths: z.int().nullable().default(null),
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

/** A QR code to scan; inside WeChat or a mini program; in a phone's browser. */
export const ORDER_CHANNELS = ['native', 'jsapi', 'h5'] as const;
export type OrderChannel = (typeof ORDER_CHANNELS)[number];
export const H5_TYPES = ['Wap', 'iOS', 'Android'] as const;

export const createOrderInput = z
  .strictObject({
    planId: z.string().regex(/^[A-Z][A-Z0-9_]{1,31}$/),
    channel: z.enum(ORDER_CHANNELS).default('native'),
    /** Who pays, as WeChat names them to this appid; for `jsapi`. */
    openid: z
      .string()
      .regex(/^[A-Za-z0-9_-]{6,128}$/)
      .optional(),
    /** The kind of browser; for `h5`. */
    h5Type: z.enum(H5_TYPES).optional(),
  })
  .refine(({ channel, openid }) => (channel === 'jsapi') === (openid !== undefined), {
    path: ['openid'],
    message: 'belongs to the channel jsapi, and only to it',
  })
  .refine(({ channel, h5Type }) => channel === 'h5' || h5Type === undefined, {
    path: ['h5Type'],
    message: 'belongs to the channel h5',
  });
export const listOrdersInput = z.strictObject({
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const getOrderInput = z.strictObject({ orderId: idSchema });
/** The names are WeChat's own. */
export const jsapiParamsSchema = z.object({
  appId: z.string(),
  timeStamp: z.string(),
  nonceStr: z.string(),
  package: z.string(),
  signType: z.literal('RSA'),
  paySign: z.string(),
});
export type JsapiParams = z.infer<typeof jsapiParamsSchema>;

export const orderSchema = z.object({
  id: idSchema,
  planId: z.string(),
  planTitle: z.string(),
  amountFen: fenSchema,
  currency: z.literal('CNY'),
  channel: z.enum(ORDER_CHANNELS),
  status: z.enum(ORDER_STATUSES),
  /** `native`: what to show as a QR code; null once the order is no longer pending, as are `jsapi` and `h5Url`. */
  codeUrl: z.string().nullable(),
  /** `jsapi`: what to hand to wx.requestPayment or WeixinJSBridge, signed anew each time. */
  jsapi: jsapiParamsSchema.nullable(),
  /** `h5`: where to send the browser, within five minutes; `&redirect_url=` may be appended. */
  h5Url: z.string().nullable(),
  createdAt: instantSchema,
  expiresAt: instantSchema,
  paidAt: instantSchema.nullable(),
  /** Given back of it so far, in fen. */
  refundedFen: fenSchema,
});
export const ordersOutput = z.object({ items: z.array(orderSchema), nextCursor: idSchema.nullable() });

export type Plan = z.infer<typeof planSchema>;
export type Order = z.infer<typeof orderSchema>;
