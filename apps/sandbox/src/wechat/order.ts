import type { NativeOrderRequest } from './native-order.ts';

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

export type Order = {
  request: NativeOrderRequest;
  tradeType: 'NATIVE';
  createdAt: Date;
  /** Last moment the member can pay. */
  payableUntil: Date;
  state: OrderState;
  notifications: NotificationAttempt[];
};

const CODE_URL_LIFE_MS = 2 * 3_600_000;

export type PayToken = { token: string; order: Order; expiresAt: Date };

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
