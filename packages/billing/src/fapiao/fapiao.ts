import { FAPIAO_STATUSES, type Fapiao, type FapiaoStatus, type OrderStatus } from '@yunshang/contracts';
import type { PaymentOutcome } from '../orders/order.ts';

/** A fapiao as it is stored. */
export type StoredFapiao = Omit<Fapiao, 'redDemandedAt' | 'createdAt' | 'updatedAt'> & {
  objectKey: string | null;
  redObjectKey: string | null;
  redDemandedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
};

/** Every move a fapiao can make. What was issued is never undone: a red one takes it back. */
export const FAPIAO_MOVES = {
  requested: ['issuing', 'rejected'],
  issuing: ['issued', 'rejected'],
  issued: ['red_flushed'],
  red_flushed: [],
  rejected: [],
} as const satisfies Record<FapiaoStatus, readonly FapiaoStatus[]>;

/** The states from which a fapiao can move to `to`. */
export function fapiaoStatesBefore(to: FapiaoStatus): FapiaoStatus[] {
  return FAPIAO_STATUSES.filter((from) => FAPIAO_MOVES[from].some((next) => next === to));
}

/**
 * What may be invoiced of an order, in fen: what was paid for it less what went back. Only money that bought something counts; while some
 * of it is on its way back nobody knows how much stays.
 */
export function invoiceable(
  status: OrderStatus,
  payments: readonly { outcome: PaymentOutcome; amountFen: number; refundingFen: number }[],
): { amountFen: number } | { refusal: 'nothing_paid' | 'order_refunding' } {
  if (status === 'refunding') return { refusal: 'order_refunding' };
  const paid = payments.find(({ outcome }) => outcome === 'granted');
  const amountFen = paid === undefined ? 0 : paid.amountFen - paid.refundingFen;
  return amountFen > 0 ? { amountFen } : { refusal: 'nothing_paid' };
}
