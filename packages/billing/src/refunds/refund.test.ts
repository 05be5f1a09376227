import { REFUND_STATUSES } from '@yunshang/contracts';
import { expect, it } from 'vitest';
import { clawBack, isRefundOpen, nextRefundCheck, orderStatusOf, REFUND_MOVES, refundStatesBefore } from './refund.ts';

it('a refund that has ended rests, and nothing becomes an intent again', () => {
  expect(REFUND_STATUSES.filter((status) => !isRefundOpen(status))).toEqual(['succeeded', 'closed']);
  expect(refundStatesBefore('intended')).toEqual([]);
  expect(REFUND_MOVES.succeeded).toEqual([]);
});

const grant = (amount: number, remaining: number, held = 0, due = 0) => ({ amount, remaining, held, due });
const money = (paidFen: number, refundFen: number, isAll = refundFen === paidFen) => ({ paidFen, refundFen, isAll });

it.each([
  ['all of the money takes all that is left', grant(100, 40), money(9900, 9900), { claw: 40, due: 0 }],
  ['and what running tasks may give back', grant(100, 40, 7), money(9900, 9900), { claw: 40, due: 7 }],
  ['half of it takes half of what was bought', grant(100, 80), money(9900, 4950), { claw: 50, due: 0 }],
  ['a share is rounded up', grant(100, 80), money(9900, 1), { claw: 1, due: 0 }],
  ['what was spent is not asked for', grant(100, 10), money(9900, 4950), { claw: 10, due: 0 }],
  ['but what is in the hands of tasks is', grant(100, 10, 30), money(9900, 4950), { claw: 10, due: 30 }],
  ['as far as it is missing', grant(100, 45, 30), money(9900, 4950), { claw: 45, due: 5 }],
  ['and no unit is due twice', grant(100, 0, 30, 25), money(9900, 4950), { claw: 0, due: 5 }],
  ['the last part takes all that is left', grant(100, 33), money(9900, 100, true), { claw: 33, due: 0 }],
  ['nothing left, nothing taken', grant(100, 0), money(9900, 9900), { claw: 0, due: 0 }],
])('%s', (_name, of, paid, expected) => {
  expect(clawBack(of, paid)).toEqual(expected);
});

it('a share is exact for sums that floats would round', () => {
  expect(clawBack(grant(1_000_000, 1_000_000), money(900_000_007, 900_000_006))).toEqual({ claw: 1_000_000, due: 0 });
  expect(() => clawBack(grant(1_000_000_000, 1), money(2_000_000_000, 1_999_999_999))).toThrow(RangeError);
});

it.each([
  ['granted', 0, false, 'paid'],
  ['granted', 0, true, 'refunding'],
  ['granted', 100, false, 'partially_refunded'],
  ['granted', 100, true, 'refunding'],
  ['granted', 9900, false, 'refunded'],
  ['amount_mismatch', 0, false, 'amount_mismatch'],
  ['paid_after_close', 0, false, 'paid_after_close'],
  ['paid_after_close', 9900, false, 'refunded'],
] as const)('after a payment %s with %i back (open: %s) the order is %s', (outcome, refundedFen, isOpen, expected) => {
  expect(orderStatusOf(outcome, { paidFen: 9900, refundedFen, isRefundOpen: isOpen })).toBe(expected);
});

it('WeChat is asked again ever more rarely', () => {
  const createdAt = new Date('2026-01-15T00:00:00Z');
  const pauseAfter = (ms: number): number => {
    const now = new Date(createdAt.getTime() + ms);
    return nextRefundCheck({ createdAt }, now).getTime() - now.getTime();
  };
  expect([0, 130_000, 3_000_000, 10_000_000, 90_000_000].map(pauseAfter)).toEqual([
    60_000, 300_000, 1_800_000, 7_200_000, 21_600_000,
  ]);
});
