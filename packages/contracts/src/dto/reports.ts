import { z } from 'zod';
import { instantSchema } from '../units.ts';
import { microYuanSchema } from './costs.ts';

export const REPORT_KINDS = ['day', 'month', 'year'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
export const REPORT_FORMATS = ['json', 'csv', 'xlsx', 'svg'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** YYYY-MM-DD, YYYY-MM or YYYY in Asia/Shanghai. */
export const reportPeriodSchema = z
  .string()
  .regex(/^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$/, 'must be YYYY, YYYY-MM or YYYY-MM-DD');

/** Fen that may be negative: what went back is more than what came. */
const signedFen = z.int();
const count = z.int().nonnegative();
const taken = {
  paidFen: signedFen,
  payments: count,
  refundedFen: signedFen,
  refunds: count,
  netFen: signedFen,
};

/** The rows of a ledger that the report is made of, and the newest row there was when it was made. */
const ledgerSchema = z.object({ rows: count, upTo: count });

export const reportSchema = z.object({
  format: z.literal(1),
  kind: z.enum(REPORT_KINDS),
  period: reportPeriodSchema,
  timeZone: z.literal('Asia/Shanghai'),
  from: instantSchema,
  to: instantSchema,
  ledgers: z.object({ quotaLogs: ledgerSchema, moneyEntries: ledgerSchema, costEntries: ledgerSchema }),
  /** `unwanted` bought nothing and goes back: too late, paid twice, or another sum. It is part of what was paid. */
  revenue: z.object({ ...taken, ordersPaid: count, unwantedFen: signedFen, unwantedPayments: count }),
  plans: z.array(z.object({ planId: z.string(), ...taken })),
  /** `fen` is the exact sum of micro-yuan, rounded once, half away from zero. `vendorFeesMicroYuan` is what taking the money cost. */
  costs: z.object({ microYuan: microYuanSchema, fen: signedFen, vendorFeesMicroYuan: microYuanSchema, entries: count }),
  costItems: z.array(z.object({ item: z.string(), entries: count, microYuan: microYuanSchema, fen: signedFen })),
  /** Net revenue less costs, in fen. */
  grossProfitFen: signedFen,
  /** opening + granted + restored + refunded − spent − expired − clawedBack = closing. */
  quota: z.object({
    opening: z.int(),
    granted: z.object({ purchase: count, signup: count, promotion: count, compensation: count }),
    restored: count,
    refunded: count,
    spent: count,
    expired: count,
    clawedBack: count,
    closing: z.int(),
  }),
  /** opening + joined + returned − lapsed − endedByRefund = closing; `served` had a membership at some time of the period. */
  members: z.object({
    opening: count,
    joined: count,
    returned: count,
    renewed: count,
    upgraded: count,
    lapsed: count,
    endedByRefund: count,
    closing: count,
    served: count,
  }),
  /** Net revenue for each member served, rounded down; null when there was none. */
  arpuFen: signedFen.nullable(),
  features: z.array(
    z.object({
      featureId: z.string(),
      charges: count,
      spentQuota: count,
      refundedQuota: count,
      costMicroYuan: microYuanSchema,
      costFen: signedFen,
    }),
  ),
  /**
   * What is counted here and is about an earlier period `of`. `late`: it was posted in that period after its books were closed.
   * `amount` is fen, micro-yuan or quota as the ledger has it.
   */
  corrections: z.array(
    z.object({
      of: reportPeriodSchema,
      ledger: z.enum(['money', 'costs', 'quota']),
      kind: z.string(),
      late: z.boolean(),
      rows: count,
      amount: z.int(),
    }),
  ),
  /** The days of a month, the months of a year; they add up to the report. Empty for a day. */
  series: z.array(
    z.object({
      period: reportPeriodSchema,
      paidFen: signedFen,
      refundedFen: signedFen,
      netFen: signedFen,
      costMicroYuan: microYuanSchema,
      spentQuota: count,
    }),
  ),
});
export type Report = z.infer<typeof reportSchema>;

const which = { kind: z.enum(REPORT_KINDS), period: reportPeriodSchema };
export const reportInput = z.strictObject(which);
export const reportOutput = z.object({
  report: reportSchema,
  /** Of the report as canonical JSON: keys sorted, no spaces. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Null while the period is open and the figures may still grow. */
  closedAt: instantSchema.nullable(),
});
export type ReportAnswer = z.infer<typeof reportOutput>;

export const reportFileInput = z.strictObject({ ...which, format: z.enum(REPORT_FORMATS) });
export const reportFileOutput = z.object({
  name: z.string(),
  contentType: z.string(),
  base64: z.base64(),
});

export const listReportsInput = z.strictObject({
  kind: z.enum(REPORT_KINDS),
  /** Periods before this one. */
  cursor: reportPeriodSchema.optional(),
  limit: z.int().min(1).max(100).default(31),
});
export const closedPeriodSchema = z.object({
  kind: z.enum(REPORT_KINDS),
  period: reportPeriodSchema,
  sha256: z.string(),
  closedAt: instantSchema,
  /** Null when the schedule closed it. */
  closedBy: z.string().nullable(),
});
export const reportsOutput = z.object({
  items: z.array(closedPeriodSchema),
  nextCursor: reportPeriodSchema.nullable(),
});
export type ClosedPeriod = z.infer<typeof closedPeriodSchema>;

export const closeReportsInput = z.strictObject({
  /** The last day to close; every open day before it is closed too. */
  day: z.iso.date(),
  reason: z.string().trim().min(2).max(500),
});
export const closeReportsOutput = z.object({ closed: z.array(closedPeriodSchema) });
