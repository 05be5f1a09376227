import { type Order, ORDER_STATUSES, type OrderStatus, type Plan } from '@yunshang/contracts';
import type { Merchant } from '../payments/wechat/wechat-settings.ts';
import type { Payment } from '../payments/wechat/transaction.ts';

/** An order with the plan as it was sold; later prices do not touch it. */
export type StoredOrder = {
  id: string;
  userId: string;
  outTradeNo: string;
  plan: Plan;
  amountFen: number;
  currency: string;
  status: OrderStatus;
  codeUrl: string | null;
  createdAt: Date;
  expiresAt: Date;
  paidAt: Date | null;
};

/** Every move an order can make; what is absent can not happen. */
export const ORDER_MOVES = {
  pending: ['paid', 'closed', 'amount_mismatch'],
  paid: ['refunding'],
  closed: ['paid_after_close'],
  refunding: ['refunded', 'partially_refunded'],
  partially_refunded: ['refunding'],
  refunded: [],
  amount_mismatch: ['refunding'],
  paid_after_close: ['refunding'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** The states from which an order can move to `to`. */
export function statesBefore(to: OrderStatus): OrderStatus[] {
  return ORDER_STATUSES.filter((from) => ORDER_MOVES[from].some((next) => next === to));
}

/** What a payment does to its order. Only `granted` gives the member anything. */
export type PaymentOutcome = 'granted' | 'amount_mismatch' | 'paid_after_close' | 'second_payment';
export type PaymentDecision = {
  outcome: PaymentOutcome;
  /** Undefined: the order stays as it is. */
  to: 'paid' | 'amount_mismatch' | 'paid_after_close' | undefined;
  /** Fields of the payment that are not those of the order. */
  mismatches: string[];
};

/** Judges a payment that no transaction row knows yet. */
export function judgePayment(order: StoredOrder, payment: Payment, merchant: Merchant): PaymentDecision {
  const mismatches = [
    ...(payment.appid === merchant.appid ? [] : ['appid']),
    ...(payment.mchid === merchant.mchid ? [] : ['mchid']),
    ...(payment.amountFen === order.amountFen ? [] : ['amount']),
    ...(payment.currency === order.currency ? [] : ['currency']),
  ];
  if (order.status === 'closed') return { outcome: 'paid_after_close', to: 'paid_after_close', mismatches };
  if (order.status !== 'pending') return { outcome: 'second_payment', to: undefined, mismatches };
  return mismatches.length === 0
    ? { outcome: 'granted', to: 'paid', mismatches }
    : { outcome: 'amount_mismatch', to: 'amount_mismatch', mismatches };
}

/**
 * The check after check number `after`: the next point of the schedule that is still to come, or the last one, when the time
 * to pay is over. A worker that was away skips what it missed.
 */
export function nextCheck(
  order: Pick<StoredOrder, 'createdAt' | 'expiresAt'>,
  scheduleMs: readonly number[],
  { after, now }: { after: number; now: Date },
): { check: number; dueAt: Date } {
  const inWindow = scheduleMs
    .map((offsetMs, check) => ({ check, dueAt: new Date(order.createdAt.getTime() + offsetMs) }))
    .find(({ check, dueAt }) => check > after && dueAt > now && dueAt < order.expiresAt);
  return inWindow ?? { check: Math.max(after + 1, scheduleMs.length), dueAt: order.expiresAt };
}

/** The order as its owner sees it. */
export function toOrder(order: StoredOrder): Order {
  return {
    id: order.id,
    planId: order.plan.planId,
    planTitle: order.plan.title,
    amountFen: order.amountFen,
    currency: 'CNY',
    channel: 'native',
    status: order.status,
    codeUrl: order.status === 'pending' ? order.codeUrl : null,
    createdAt: order.createdAt.toISOString(),
    expiresAt: order.expiresAt.toISOString(),
    paidAt: order.paidAt?.toISOString() ?? null,
  };
}
