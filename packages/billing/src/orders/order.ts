import { assertNever, type JsapiParams, type Order, type OrderStatus, type Plan } from '@yunshang/contracts';
import type { Merchant } from '../payments/wechat/wechat-settings.ts';
import type { Payment } from '../payments/wechat/transaction.ts';

/** What the channel needs to know of who pays; the same for as long as the order is open. */
export type Payer =
  | { channel: 'native' }
  | { channel: 'jsapi'; openid: string }
  | { channel: 'h5'; ip: string; h5Type: 'Wap' | 'iOS' | 'Android' };

/** An order with the plan as it was sold; later prices do not touch it. */
export type StoredOrder = {
  id: string;
  userId: string;
  outTradeNo: string;
  plan: Plan;
  amountFen: number;
  currency: string;
  status: OrderStatus;
  payer: Payer;
  codeUrl: string | null;
  prepayId: string | null;
  h5Url: string | null;
  createdAt: Date;
  expiresAt: Date;
  paidAt: Date | null;
  closedAt: Date | null;
};

/** Every move an order can make; what is absent can not happen. */
export const ORDER_MOVES = {
  pending: ['paid', 'closed', 'amount_mismatch'],
  paid: ['refunding'],
  closed: ['paid_after_close'],
  // Back to where it was when nothing comes of the refund.
  refunding: ['refunded', 'partially_refunded', 'paid', 'amount_mismatch', 'paid_after_close'],
  partially_refunded: ['refunding'],
  refunded: [],
  amount_mismatch: ['refunding'],
  paid_after_close: ['refunding'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return ORDER_MOVES[from].some((next) => next === to);
}

/** Whether ordering so now means the order that is open: the same plan as it is sold today, for the same payer, with time to pay. */
export function isSameIntent(
  open: Pick<StoredOrder, 'plan' | 'payer' | 'expiresAt'>,
  wanted: { plan: Plan; payer: Payer; now: Date },
): boolean {
  return (
    open.plan.version === wanted.plan.version &&
    open.plan.priceFen === wanted.plan.priceFen &&
    payerKey(open.payer) === payerKey(wanted.payer) &&
    open.expiresAt > wanted.now
  );
}

/** A phone's address may change while its owner looks for a card; everything else names the payer. */
function payerKey(payer: Payer): string {
  switch (payer.channel) {
    case 'native':
      return 'native';
    case 'jsapi':
      return `jsapi ${payer.openid}`;
    case 'h5':
      return `h5 ${payer.h5Type}`;
    default:
      return assertNever(payer);
  }
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
 * When an unpaid order is asked about, in ms after it was made: every half minute while most people pay, then so that a payment nobody
 * told of is found within 5 minutes. The end of its time asks once more.
 */
export const QUERY_SCHEDULE_MS: readonly number[] = [
  5_000, 30_000, 60_000, 90_000, 120_000, 180_000, 300_000, 600_000, 900_000, 1_200_000, 1_500_000, 1_800_000,
];

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

/** The order as its owner sees it. `sign` makes what the WeChat client is handed; `refundedFen` is what has gone back. */
export function toOrder(
  order: StoredOrder,
  seen: { sign: (prepayId: string) => JsapiParams; refundedFen: number },
): Order {
  const isOpen = order.status === 'pending';
  return {
    id: order.id,
    planId: order.plan.planId,
    planTitle: order.plan.title,
    amountFen: order.amountFen,
    currency: 'CNY',
    channel: order.payer.channel,
    status: order.status,
    codeUrl: isOpen ? order.codeUrl : null,
    jsapi: isOpen && order.prepayId !== null ? seen.sign(order.prepayId) : null,
    h5Url: isOpen ? order.h5Url : null,
    createdAt: order.createdAt.toISOString(),
    expiresAt: order.expiresAt.toISOString(),
    paidAt: order.paidAt?.toISOString() ?? null,
    refundedFen: seen.refundedFen,
  };
}
