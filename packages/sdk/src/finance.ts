import { keyed, reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** For those who account for the money. Members and operators are refused with FORBIDDEN. */
export type Finance = {
  sales: {
    /** Orders of all members, newest first; `number` is any number of an order, ours or WeChat's. */
    search(filter?: t.SaleFilter, options?: t.CallOptions): Promise<t.SalePage>;
    /** One of them with its payments and refunds. Rejects: ORDER_NOT_FOUND. */
    get(orderId: string, options?: t.CallOptions): Promise<t.Sale>;
  };
  refunds: {
    /**
     * Gives money of an order back. What it bought and nobody used is taken back at once. Above the limit it answers an `approval`
     * that somebody else decides. The same key never refunds twice. Finance and admins. Rejects: REFUND_EXCEEDS_PAYMENT
     * (details.available, in fen), ORDER_NOT_FOUND, STATE_CONFLICT, IDEMPOTENCY_KEY_REUSED.
     */
    request(input: t.RequestRefund, options?: t.KeyedOptions): Promise<t.RequestedRefund>;
    /** Rejects: REFUND_NOT_FOUND. */
    get(refundId: string, options?: t.CallOptions): Promise<t.Refund>;
    /** Newest first; `nextCursor` is the next page's `cursor`, null at the end. */
    list(filter?: t.RefundFilter, options?: t.CallOptions): Promise<t.RefundPage>;
    /** Asks WeChat Pay now instead of when its turn comes, under the same number. Rejects: REFUND_NOT_FOUND, STATE_CONFLICT. */
    retry(refundId: string, options?: t.CallOptions): Promise<t.Refund>;
    /**
     * Ends a refund that WeChat Pay refuses; what was taken for it is given back. Rejects: STATE_CONFLICT while WeChat Pay has it or
     * may still get it (try again after a minute), REFUND_NOT_FOUND, PAYMENT_UNAVAILABLE.
     */
    giveUp(refundId: string, options?: t.CallOptions): Promise<t.Refund>;
  };
};

export function financeOf({ call }: Connection): Finance {
  return {
    sales: {
      search: (filter = {}, options) => call((trpc, o) => trpc.sales.search.query(filter, o), reading(options)),
      get: (orderId, options) => call((trpc, o) => trpc.sales.get.query({ orderId }, o), reading(options)),
    },
    refunds: {
      request: (input, options) => call((trpc, o) => trpc.refunds.request.mutate(input, o), keyed(options)),
      get: (refundId, options) => call((trpc, o) => trpc.refunds.get.query({ refundId }, o), reading(options)),
      list: (filter = {}, options) => call((trpc, o) => trpc.refunds.list.query(filter, o), reading(options)),
      retry: (refundId, options) => call((trpc, o) => trpc.refunds.retry.mutate({ refundId }, o), writing(options)),
      giveUp: (refundId, options) => call((trpc, o) => trpc.refunds.giveUp.mutate({ refundId }, o), writing(options)),
    },
  };
}
