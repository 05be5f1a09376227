import type { ReconciledBill } from '@yunshang/contracts';
import type { BillEnd } from './bill/read-bill.ts';
import { type Finding, finding } from './exception.ts';

/** What a comparison has come to so far. */
export type Tally = {
  findings: Finding[];
  bills: ReconciledBill[];
  counts: Record<string, number>;
  sums: Record<string, number>;
};

export function newTally(): Tally {
  return { findings: [], bills: [], counts: {}, sums: {} };
}

export function add(into: Record<string, number>, name: string, amount: number): void {
  const sum = (into[name] ?? 0) + amount;
  if (!Number.isSafeInteger(sum)) throw new RangeError(`${name} is beyond what can be counted exactly`);
  into[name] = sum;
}

/** What is wrong with the bill as a whole. `subject` names it. */
export function judgeBillEnd(end: BillEnd, subject: string): Finding[] {
  if (!end.hasHeader) return [finding('bill_unreadable', subject, { details: { why: 'columns_missing' } })];
  const bad = end.badRows === 0 ? [] : [finding('bill_bad_rows', subject, { details: badRowsOf(end) })];
  if (end.summary === 'missing') return [...bad, finding('bill_truncated', subject, { details: { rows: end.rows } })];
  if (end.summary === 'agrees') return bad;
  const details = Object.fromEntries(
    end.differences.flatMap(({ name, said, summed }) => [
      [`${name} 账单`, said],
      [`${name} 合计`, summed],
    ]),
  );
  return [...bad, finding('summary_differs', subject, { details })];
}

function badRowsOf({ badRows, badLines }: BillEnd): { rows: number; lines: string } {
  return { rows: badRows, lines: badLines.join(', ') };
}

/** Nothing is missing from it that the vendor had to say. */
export function isComplete(end: BillEnd): boolean {
  return end.hasHeader && end.summary !== 'missing';
}
