import { z } from 'zod';
import { idSchema, instantSchema } from '../units.ts';
import { daySchema } from './costs.ts';

export const RECONCILIATION_KINDS = ['wechat', 'provider'] as const;
export type ReconciliationKind = (typeof RECONCILIATION_KINDS)[number];

type Difference = {
  /** `critical`: money came, left or was given for nothing. `error`: the books disagree. `warning`: something is to be looked at. */
  severity: 'critical' | 'error' | 'warning';
  owner: 'finance' | 'operator';
};

/** Every way in which a vendor's word and our books can disagree; docs/operations/reconciliation.md says what to do about each. */
export const DIFFERENCES = {
  /** The bill of a day is still being made late in the evening of the next. */
  bill_late: { severity: 'warning', owner: 'operator' },
  /** WeChat Pay says that nothing happened on a day on which we were paid. */
  bill_absent: { severity: 'critical', owner: 'finance' },
  /** The bill is not what its hash says, or can not be unpacked. */
  bill_hash_differs: { severity: 'error', owner: 'operator' },
  /** A column that is needed is missing. */
  bill_unreadable: { severity: 'error', owner: 'operator' },
  /** It ends without its summary. */
  bill_truncated: { severity: 'error', owner: 'operator' },
  /** It has lines that are no rows. */
  bill_bad_rows: { severity: 'error', owner: 'operator' },
  /** Its rows do not add up to its summary. */
  summary_differs: { severity: 'error', owner: 'finance' },
  duplicate_in_bill: { severity: 'error', owner: 'finance' },
  /** A row of another merchant or application. */
  wrong_merchant: { severity: 'critical', owner: 'operator' },
  /** Paid for an order that we never made. */
  unknown_order: { severity: 'critical', owner: 'finance' },
  /** The transaction is recorded here for another order. */
  order_differs: { severity: 'critical', owner: 'finance' },
  /** Paid there and not recorded here, as WeChat Pay confirms when asked; recorded by that. */
  paid_not_credited: { severity: 'error', owner: 'finance' },
  /** The bill says paid; WeChat Pay, asked about the order, does not. */
  paid_unconfirmed: { severity: 'critical', owner: 'finance' },
  /** Recorded as credited, and the quota or the entry in the ledger of money is missing or another sum. */
  paid_not_granted: { severity: 'critical', owner: 'operator' },
  /** Credited here, and not in the bill. */
  credited_not_there: { severity: 'critical', owner: 'finance' },
  amount_differs: { severity: 'critical', owner: 'finance' },
  currency_differs: { severity: 'critical', owner: 'finance' },
  paid_time_differs: { severity: 'warning', owner: 'finance' },
  /** Refunded there and not here, as WeChat Pay confirms when asked; recorded by that. */
  refunded_there_not_here: { severity: 'error', owner: 'finance' },
  /** The bill says refunded; WeChat Pay, asked about the refund, does not. */
  refund_unconfirmed: { severity: 'critical', owner: 'finance' },
  refunded_here_not_there: { severity: 'critical', owner: 'finance' },
  refund_amount_differs: { severity: 'critical', owner: 'finance' },
  refund_state_differs: { severity: 'error', owner: 'finance' },
  /** A refund of a payment that is not recorded here. */
  refund_unknown_payment: { severity: 'critical', owner: 'finance' },
  /** The fee is not what the price list says, or not what was settled before. */
  fee_differs: { severity: 'warning', owner: 'finance' },
  /** In the trade bill and not in the fund flow. */
  fund_flow_missing: { severity: 'error', owner: 'finance' },
  /** In the fund flow, and neither in the trade bill nor known here. */
  fund_flow_unknown: { severity: 'error', owner: 'finance' },
  fund_flow_amount_differs: { severity: 'error', owner: 'finance' },
  /** Consumed there, and not booked here. */
  cost_missing: { severity: 'error', owner: 'finance' },
  /** Booked here as a cost, and the vendor has no such work. */
  cost_unknown_there: { severity: 'error', owner: 'finance' },
  /** The vendor says another figure of the work than it was settled at. */
  cost_differs: { severity: 'error', owner: 'finance' },
  /** What is gone from the account is not what its work cost. */
  cost_total_differs: { severity: 'error', owner: 'finance' },
  /** The work is over and its estimate was never settled; settled where the vendor says its figure. */
  cost_unsettled: { severity: 'warning', owner: 'operator' },
  /** A vendor could not be read, so nothing is known of its day. */
  consumption_unread: { severity: 'warning', owner: 'operator' },
} as const satisfies Record<string, Difference>;

export type DifferenceKind = keyof typeof DIFFERENCES;
export const DIFFERENCE_KINDS = Object.keys(DIFFERENCES).filter(isDifferenceKind);

/** True for a kind of the closed list. */
export function isDifferenceKind(name: string): name is DifferenceKind {
  return Object.hasOwn(DIFFERENCES, name);
}

/** `resolved`: it is mended, or was found no more. `accepted`: it stays as it is, and somebody has said why. */
export const EXCEPTION_STATES = ['open', 'investigating', 'resolved', 'accepted', 'reopened'] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

/** What disagrees: figures in whole fen or micro-yuan, and the vendor's numbers. */
export const exceptionDetailsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

export const exceptionSchema = z.object({
  id: idSchema,
  kind: z.enum(DIFFERENCE_KINDS),
  /** The vendor's number of what it is about, or the bill. */
  subject: z.string(),
  day: daySchema,
  severity: z.enum(['critical', 'error', 'warning']),
  owner: z.enum(['finance', 'operator']),
  state: z.enum(EXCEPTION_STATES),
  /** Mended by the run that found it. */
  isHealed: z.boolean(),
  details: exceptionDetailsSchema,
  orderId: idSchema.nullable(),
  assignedTo: idSchema.nullable(),
  firstRunId: idSchema,
  lastRunId: idSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export const exceptionEventSchema = z.object({
  id: z.int(),
  cause: z.enum(['found', 'healed', 'found_again', 'gone', 'moved', 'assigned', 'noted']),
  from: z.enum(EXCEPTION_STATES).nullable(),
  to: z.enum(EXCEPTION_STATES),
  runId: idSchema.nullable(),
  actorId: idSchema.nullable(),
  assignedTo: idSchema.nullable(),
  note: z.string().nullable(),
  at: instantSchema,
});
export const exceptionDetailSchema = exceptionSchema.extend({ events: z.array(exceptionEventSchema) });

/** One of a day's bills as a run found it. `object` is where the file is kept. */
const billSchema = z.object({
  kind: z.enum(['trade', 'fund_flow']),
  state: z.enum(['ready', 'absent', 'creating', 'damaged']),
  sha1: z.string().nullable(),
  bytes: z.int(),
  rows: z.int(),
  object: z.string().nullable(),
});
export const reconciliationRunSchema = z.object({
  id: idSchema,
  day: daySchema,
  kind: z.enum(RECONCILIATION_KINDS),
  /** `waiting`: a bill is being made; it is asked for again. */
  state: z.enum(['queued', 'running', 'waiting', 'done']),
  cause: z.enum(['schedule', 'command', 'request']),
  requestedBy: idSchema.nullable(),
  bills: z.array(billSchema),
  counts: z.record(z.string(), z.int()),
  /** In fen, but what says so in micro-yuan. */
  sums: z.record(z.string(), z.int()),
  found: z.int(),
  healed: z.int(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
});

export const startReconciliationInput = z.strictObject({
  day: daySchema,
  /** `wechat`: its bills; `provider`: what vendors consumed. */
  kind: z.enum(RECONCILIATION_KINDS).default('wechat'),
});
export const runIdInput = z.strictObject({ runId: idSchema });
export const listRunsInput = z.strictObject({
  day: daySchema.optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const runsOutput = z.object({ items: z.array(reconciliationRunSchema), nextCursor: idSchema.nullable() });
export const exceptionIdInput = z.strictObject({ exceptionId: idSchema });
export const listExceptionsInput = z.strictObject({
  state: z.enum(EXCEPTION_STATES).optional(),
  day: daySchema.optional(),
  kind: z.enum(DIFFERENCE_KINDS).optional(),
  owner: z.enum(['finance', 'operator']).optional(),
  assignedTo: idSchema.optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const exceptionsOutput = z.object({ items: z.array(exceptionSchema), nextCursor: idSchema.nullable() });
const note = z.string().trim().min(2).max(500);
/** A decision says why. */
export const moveExceptionInput = z.strictObject({
  exceptionId: idSchema,
  to: z.enum(['investigating', 'resolved', 'accepted', 'reopened']),
  note,
});
export const noteExceptionInput = z.strictObject({ exceptionId: idSchema, note });
/** Null gives it back to nobody. */
export const assignExceptionInput = z.strictObject({ exceptionId: idSchema, assignedTo: idSchema.nullable() });

export type ReconciliationRun = z.infer<typeof reconciliationRunSchema>;
export type ReconciledBill = ReconciliationRun['bills'][number];
export type ReconciliationException = z.infer<typeof exceptionSchema>;
export type ExceptionEvent = z.infer<typeof exceptionEventSchema>;
export type ExceptionDetail = z.infer<typeof exceptionDetailSchema>;
export type ExceptionDetails = z.infer<typeof exceptionDetailsSchema>;
