import { z } from 'zod';

export const BILL_KINDS = ['trade', 'fund_flow'] as const;
export type BillKind = (typeof BILL_KINDS)[number];

/** Ways a whole bill can be made. `early`: today's is there already. The others are wrong, or odd and right. */
const BILL_BENDS = [
  'early',
  'absent',
  'bom',
  'crlf',
  'reordered',
  'truncated',
  'wrong_hash',
  'wrong_summary',
  'garbage_row',
  'missing_column',
  'broken_gzip',
] as const;

/** What of a row is other than it was, by the columns' own names; `number` is WeChat's own of the payment or refund. */
const billEdit = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('set'), number: z.string(), values: z.record(z.string(), z.string()) }),
  z.strictObject({ op: z.literal('drop'), number: z.string() }),
  z.strictObject({ op: z.literal('duplicate'), number: z.string() }),
  z.strictObject({ op: z.literal('add'), values: z.record(z.string(), z.string()) }),
]);

export const billPlan = z.strictObject({
  day: z.iso.date(),
  kind: z.enum(BILL_KINDS),
  bends: z.array(z.enum(BILL_BENDS)).default([]),
  edits: z.array(billEdit).default([]),
  /** So many questions are answered STATEMENT_CREATING. */
  creatingFor: z.number().int().nonnegative().default(0),
});

export type BillPlan = z.output<typeof billPlan>;
export type BillEdit = z.output<typeof billEdit>;

/** How the bill of a day is to be wrong; one plan for a day and kind, the newest. */
export type BillPlans = {
  set(plan: BillPlan): void;
  of(kind: BillKind, day: string): BillPlan;
  /** Counts a question down; true when it is to be answered STATEMENT_CREATING. */
  takeCreating(kind: BillKind, day: string): boolean;
  reset(): void;
};

export function createBillPlans(): BillPlans {
  const plans = new Map<string, BillPlan>();
  const of = (kind: BillKind, day: string): BillPlan =>
    plans.get(`${kind} ${day}`) ?? { day, kind, bends: [], edits: [], creatingFor: 0 };
  return {
    set: (plan) => void plans.set(`${plan.kind} ${plan.day}`, { ...plan }),
    of,
    takeCreating(kind, day) {
      const plan = of(kind, day);
      if (plan.creatingFor === 0) return false;
      plan.creatingFor -= 1;
      return true;
    },
    reset: () => plans.clear(),
  };
}
