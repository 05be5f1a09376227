import { z } from 'zod';
import { providerRefSchema } from '../definitions/pipeline.ts';
import { featureIdSchema } from '../definitions/feature.ts';
import { idSchema, instantSchema } from '../units.ts';

/** 1/1,000,000 yuan, signed. */
export const microYuanSchema = z.int();
/** YYYY-MM-DD in Asia/Shanghai. */
export const daySchema = z.iso.date();

export const PRICE_UNITS = ['call', 'segment', 'gb_month', 'picture', 'fen'] as const;
export type PriceUnit = (typeof PRICE_UNITS)[number];
/** What has a price beside the providers, and what a unit of it is. */
export const PRICE_ITEMS = [
  { item: 'sms:segment', unit: 'segment' },
  { item: 'storage:gb_month', unit: 'gb_month' },
  { item: 'tencent_ims:picture', unit: 'picture' },
  /** The fee for one fen that a member paid. */
  { item: 'wechat_pay:fee', unit: 'fen' },
] as const satisfies readonly { item: string; unit: PriceUnit }[];

export const priceItemSchema = z
  .string()
  .max(80)
  .regex(
    /^(sms:segment|storage:gb_month|tencent_ims:picture|wechat_pay:fee|provider:[a-z][a-z0-9_-]{1,63}(:[\w.-]{1,64})?)$/,
    'must be provider:<ref>, provider:<ref>:<endpoint> or one of the fixed items',
  );
export const unitPriceSchema = z.object({
  id: idSchema,
  item: z.string(),
  unit: z.enum(PRICE_UNITS),
  microYuan: microYuanSchema,
  validFrom: instantSchema,
  /** Null for the newest. */
  validTo: instantSchema.nullable(),
});
export const listPricesInput = z.strictObject({
  item: priceItemSchema.optional(),
  /** Ended ones too, newest first. */
  past: z.boolean().default(false),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(200).default(100),
});
export const pricesOutput = z.object({ items: z.array(unitPriceSchema), nextCursor: idSchema.nullable() });
export const addPriceInput = z.strictObject({
  item: priceItemSchema,
  microYuan: z.int().min(0).max(1_000_000_000),
  /** At least a minute from now; as soon as that when absent. */
  validFrom: instantSchema.optional(),
  reason: z.string().trim().min(1).max(500),
});

const paidIn = z.int().min(-1_000_000_000_000).max(1_000_000_000_000);
/** What was paid into an account at a vendor; less than nothing takes back what was written down wrongly. */
export const recordTopUpInput = z.strictObject({
  /** The provider whose account it is. */
  account: providerRefSchema,
  microYuan: paidIn.default(0),
  /** The vendor's own coins. */
  coins: z.int().min(-1_000_000_000).max(1_000_000_000).default(0),
  /** When the vendor had it. */
  at: instantSchema,
  note: z.string().trim().min(2).max(500),
});
export const recordedTopUpSchema = z.object({
  id: idSchema,
  account: z.string(),
  microYuan: z.int(),
  coins: z.int(),
  at: instantSchema,
});

export const COST_KINDS = ['estimate', 'settlement', 'correction'] as const;
export const costEntrySchema = z.object({
  id: z.int(),
  kind: z.enum(COST_KINDS),
  item: z.string(),
  vendor: z.string(),
  amountMicroYuan: microYuanSchema,
  taskId: z.string().nullable(),
  featureId: z.string().nullable(),
  userId: z.string().nullable(),
  orderId: z.string().nullable(),
  occurredAt: instantSchema,
  postedAt: instantSchema,
});
export const listCostsInput = z.strictObject({
  taskId: idSchema.optional(),
  userId: idSchema.optional(),
  item: priceItemSchema.optional(),
  cursor: z.int().positive().optional(),
  limit: z.int().min(1).max(200).default(50),
});
export const costsOutput = z.object({ items: z.array(costEntrySchema), nextCursor: z.int().nullable() });

/** Days of Asia/Shanghai, both included; 92 at most. */
const period = { from: daySchema, to: daySchema };
export const MARGIN_DAYS = 92;
export const marginInput = z.strictObject({
  by: z.enum(['feature', 'plan', 'user']),
  ...period,
  featureId: featureIdSchema.optional(),
  userId: idSchema.optional(),
  /** By user only. */
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(200).default(50),
});
export const marginRowSchema = z.object({
  /** A feature, a plan or a user; null for quota that nobody paid for. */
  key: z.string().nullable(),
  /** Settled charges: what members used. */
  charges: z.int(),
  quota: z.int(),
  /** The share of the price paid that this quota is. */
  revenueMicroYuan: microYuanSchema,
  /** What vendors cost, failed attempts included. */
  costMicroYuan: microYuanSchema,
  marginMicroYuan: microYuanSchema,
});
export const marginOutput = z.object({ items: z.array(marginRowSchema), nextCursor: z.string().nullable() });
export const costSummaryInput = z.strictObject(period);
export const costSummaryOutput = z.object({
  /** By item, with what was estimated and what vendors changed of it. */
  items: z.array(
    z.object({
      item: z.string(),
      entries: z.int(),
      estimatedMicroYuan: microYuanSchema,
      settledMicroYuan: microYuanSchema,
      totalMicroYuan: microYuanSchema,
    }),
  ),
  totalMicroYuan: microYuanSchema,
});

export type Price = z.infer<typeof unitPriceSchema>;
export type CostEntry = z.infer<typeof costEntrySchema>;
export type MarginRow = z.infer<typeof marginRowSchema>;
export type CostSummary = z.infer<typeof costSummaryOutput>;
export type RecordTopUp = z.output<typeof recordTopUpInput>;
export type RecordedTopUp = z.infer<typeof recordedTopUpSchema>;
