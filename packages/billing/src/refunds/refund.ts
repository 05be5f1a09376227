import { type OrderStatus, REFUND_STATUSES, type RefundStatus } from '@yunshang/contracts';
import type { PaymentOutcome } from '../orders/order.ts';

/** Every move a refund can make. `abnormal` is not an end: the vendor may still succeed or give up. */
export const REFUND_MOVES = {
  intended: ['processing', 'abnormal', 'succeeded', 'closed'],
  processing: ['abnormal', 'succeeded', 'closed'],
  abnormal: ['processing', 'succeeded', 'closed'],
  succeeded: [],
  closed: [],
} as const satisfies Record<RefundStatus, readonly RefundStatus[]>;

/** The states from which a refund can move to `to`. */
export function refundStatesBefore(to: RefundStatus): RefundStatus[] {
  return REFUND_STATUSES.filter((from) => REFUND_MOVES[from].some((next) => next === to));
}

export function isRefundOpen(status: RefundStatus): boolean {
  return REFUND_MOVES[status].length > 0;
}

/**
 * What a refund takes of the quota that the money bought: all that is left when nothing of the money stays, else in proportion,
 * rounded up. `want` is the whole share; `claw` is there to be taken now; `due` is in the hands of running tasks, and is taken when
 * one of them gives it back.
 */
export function clawBack(
  grant: { amount: number; remaining: number; held: number; due: number },
  money: { paidFen: number; refundFen: number; isAll: boolean },
): { claw: number; due: number } {
  const want = money.isAll
    ? grant.remaining + grant.held
    : Math.min(grant.remaining + grant.held, ceilDivide(grant.amount * money.refundFen, money.paidFen));
  const claw = Math.min(grant.remaining, want);
  return { claw, due: Math.max(0, Math.min(want - claw, grant.held - grant.due)) };
}

/** Of non-negative whole numbers whose product stays exact. */
function ceilDivide(dividend: number, divisor: number): number {
  if (!Number.isSafeInteger(dividend) || !Number.isSafeInteger(divisor) || divisor <= 0)
    throw new RangeError(`can not divide ${dividend} by ${divisor}`);
  const rest = dividend % divisor;
  return (dividend - rest) / divisor + (rest > 0 ? 1 : 0);
}

const BASE_STATUS = {
  granted: 'paid',
  amount_mismatch: 'amount_mismatch',
  paid_after_close: 'paid_after_close',
} as const satisfies Record<Exclude<PaymentOutcome, 'second_payment'>, OrderStatus>;

/** Where an order stands by what became of the money that brought it there. A second payment does not move its order. */
export function orderStatusOf(
  outcome: Exclude<PaymentOutcome, 'second_payment'>,
  money: { paidFen: number; refundedFen: number; isRefundOpen: boolean },
): OrderStatus {
  if (money.isRefundOpen) return 'refunding';
  if (money.refundedFen === 0) return BASE_STATUS[outcome];
  return money.refundedFen >= money.paidFen ? 'refunded' : 'partially_refunded';
}

/** When the vendor is asked again what became of a refund, after `asked` answers that it is not done. */
const POLL_MS = [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000] as const;

export function nextRefundCheck(refund: { createdAt: Date }, now: Date): Date {
  const ageMs = now.getTime() - refund.createdAt.getTime();
  const pauseMs = POLL_MS.find((ms) => ageMs < ms * 2) ?? 21_600_000;
  return new Date(now.getTime() + pauseMs);
}
