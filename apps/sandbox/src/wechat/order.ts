import type { OrderKind, OrderRequest } from './order-request.ts';

/** A paid order's figures; `totalFen` is what the member really paid. */
export type Payment = { transactionId: string; successTime: Date; totalFen: number };

export type OrderState =
  | { name: 'NOTPAY' }
  | { name: 'CLOSED'; closedAt: Date }
  | { name: 'SUCCESS'; payment: Payment };

/** One try at telling the merchant. `status` is null when no answer came. */
export type NotificationAttempt = {
  at: string;
  /** 0 for the first, 1-15 for the retries of the schedule. */
  attempt: number;
  /** How the notification was bent; `plain` when it was not. */
  kind: string;
  status: number | null;
};

/** `PROCESSING` until the bank has answered; `ABNORMAL` waits for the merchant. */
export type RefundStatus = 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL';

export type Refund = {
  refundId: string;
  outRefundNo: string;
  refundFen: number;
  reason: string | undefined;
  notifyUrl: string | undefined;
  createdAt: Date;
  status: RefundStatus;
  successTime: Date | undefined;
  notifications: NotificationAttempt[];
};

export type Order = {
  request: OrderRequest;
  kind: OrderKind;
  createdAt: Date;
  /** Last moment the member can pay. */
  payableUntil: Date;
  state: OrderState;
  notifications: NotificationAttempt[];
  /** The oldest first; those that closed gave nothing back. */
  refunds: Refund[];
};

const CODE_URL_LIFE_MS = 2 * 3_600_000;

export type PayToken = { token: string; order: Order; expiresAt: Date };

/** What the trade is called in answers and bills. */
export const TRADE_TYPES = { native: 'NATIVE', jsapi: 'JSAPI', h5: 'MWEB' } as const satisfies Record<
  OrderKind,
  string
>;

/** A prepared order as JSAPI knows it. */
export function prepayId(token: string): string {
  return `wx${token}`;
}

/** Where a phone's browser is sent. */
export function h5Url(token: string): string {
  return `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx${token}&package=${token}`;
}

/** What has gone back, or is on its way, in fen. */
export function refundedFen(order: Order): number {
  return order.refunds.reduce((sum, refund) => (refund.status === 'CLOSED' ? sum : sum + refund.refundFen), 0);
}

/** The text of the QR code a member scans. */
export function codeUrl(token: string): string {
  return `weixin://wxpay/bizpayurl?pr=${token}`;
}

/** Why a scanned code cannot be paid now, or undefined when it can. */
export function whyUnpayable(
  pay: PayToken,
  now: Date,
): 'paid' | 'closed' | 'code_expired' | 'order_expired' | undefined {
  if (pay.order.state.name === 'SUCCESS') return 'paid';
  if (pay.order.state.name === 'CLOSED') return 'closed';
  if (now > pay.order.payableUntil) return 'order_expired';
  return now > pay.expiresAt ? 'code_expired' : undefined;
}

export function tokenExpiry(now: Date): Date {
  return new Date(now.getTime() + CODE_URL_LIFE_MS);
}
