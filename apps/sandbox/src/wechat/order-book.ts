import { randomBytes, randomInt } from 'node:crypto';
import { tokenExpiry, type Order, type PayToken } from './order.ts';

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
  reset(): void;
};

export function createOrderBook(): OrderBook {
  const orders = new Map<string, Order>();
  const tokens = new Map<string, PayToken>();
  return {
    add: (order) => void orders.set(order.request.out_trade_no, order),
    find: (outTradeNo) => orders.get(outTradeNo),
    findByTransactionId: (transactionId) =>
      [...orders.values()].find(
        (order) => order.state.name === 'SUCCESS' && order.state.payment.transactionId === transactionId,
      ),
    findToken: (token) => tokens.get(token),
    issueToken(order, now) {
      const pay = { token: randomBytes(6).toString('base64url'), order, expiresAt: tokenExpiry(now) };
      tokens.set(pay.token, pay);
      return pay;
    },
    latestToken: (order) => [...tokens.values()].findLast((pay) => pay.order === order),
    list: () => [...orders.values()].toReversed(),
    reset() {
      orders.clear();
      tokens.clear();
    },
  };
}

/** 28 digits beginning with 42, the day in the middle, as WeChat Pay numbers its transactions. */
export function newTransactionId(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  let tail = '';
  while (tail.length < 10) tail += String(randomInt(10));
  return `4200${String(randomInt(100_000, 999_999))}${day}${tail}`;
}
