import { randomBytes, randomInt } from 'node:crypto';
import { tokenExpiry, type Order, type PayToken, type Refund } from './order.ts';

/** Everything WeChat Pay remembers: orders by the merchant's number, by its own, and by scanned code. */
export type OrderBook = {
  add(order: Order): void;
  find(outTradeNo: string): Order | undefined;
  findByTransactionId(transactionId: string): Order | undefined;
  findToken(token: string): PayToken | undefined;
  /** A fresh code for the order; earlier ones stay valid until they expire. */
  issueToken(order: Order, now: Date): PayToken;
  latestToken(order: Order): PayToken | undefined;
  /** Newest first. */
  list(): Order[];
  findRefund(outRefundNo: string): { order: Order; refund: Refund } | undefined;
  findRefundById(refundId: string): { order: Order; refund: Refund } | undefined;
  reset(): void;
};

export function createOrderBook(): OrderBook {
  const orders = new Map<string, Order>();
  const tokens = new Map<string, PayToken>();
  const findRefundWhere = (fits: (refund: Refund) => boolean): { order: Order; refund: Refund } | undefined => {
    for (const order of orders.values()) {
      const refund = order.refunds.find(fits);
      if (refund !== undefined) return { order, refund };
    }
    return undefined;
  };
  return {
    add: (order) => void orders.set(order.request.out_trade_no, order),
    find: (outTradeNo) => orders.get(outTradeNo),
    findByTransactionId: (transactionId) =>
      [...orders.values()].find(
        (order) => order.state.name === 'SUCCESS' && order.state.payment.transactionId === transactionId,
      ),
    findToken: (token) => tokens.get(token),
    issueToken(order, now) {
      const pay = { token: randomBytes(8).toString('hex'), order, expiresAt: tokenExpiry(now) };
      tokens.set(pay.token, pay);
      return pay;
    },
    latestToken: (order) => [...tokens.values()].findLast((pay) => pay.order === order),
    list: () => [...orders.values()].toReversed(),
    findRefund: (outRefundNo) => findRefundWhere((refund) => refund.outRefundNo === outRefundNo),
    findRefundById: (refundId) => findRefundWhere((refund) => refund.refundId === refundId),
    reset() {
      orders.clear();
      tokens.clear();
    },
  };
}

/** Digits beginning with 50, as WeChat Pay numbers its refunds. */
export function newRefundId(now: Date): string {
  return `50${newTransactionId(now).slice(2)}`;
}

/** 28 digits beginning with 42, the day in the middle, as WeChat Pay numbers its transactions. */
export function newTransactionId(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  let tail = '';
  while (tail.length < 10) tail += String(randomInt(10));
  return `4200${String(randomInt(100_000, 999_999))}${day}${tail}`;
}
