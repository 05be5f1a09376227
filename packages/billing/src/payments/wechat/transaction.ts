import { z } from 'zod';

/** Money that a member has paid, in WeChat Pay's words. */
export type Payment = {
  appid: string;
  mchid: string;
  outTradeNo: string;
  transactionId: string;
  /** The order's total in fen; with a coupon the member may have paid less. */
  amountFen: number;
  currency: string;
  successTime: Date;
};

/** What WeChat Pay knows of one of our order numbers. */
export type WechatOrder =
  | { state: 'paid'; payment: Payment }
  | { state: 'unpaid' }
  | { state: 'closed' }
  /** It was never ordered there. */
  | { state: 'unknown' };

/** A paid order turns REFUND with its first refund, also a partial one, and never back. */
const PAID_STATES = ['SUCCESS', 'REFUND'] as const;
const CLOSED_STATES = new Set(['CLOSED', 'REVOKED']);

const paidTransaction = z.object({
  appid: z.string().min(1).max(32),
  mchid: z.string().min(1).max(32),
  out_trade_no: z.string().min(1).max(32),
  transaction_id: z.string().regex(/^[0-9A-Za-z]{1,64}$/),
  trade_state: z.enum(PAID_STATES),
  success_time: z.iso.datetime({ offset: true }),
  amount: z.object({ total: z.int().positive().max(2_147_483_647), currency: z.string().min(1).max(8) }),
});
const anyTransaction = z.object({ out_trade_no: z.string(), trade_state: z.string() });

/** The payment in a transaction object; undefined when the object is not one of a payment. */
export function readPayment(transaction: unknown): Payment | undefined {
  const parsed = paidTransaction.safeParse(transaction);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return {
    appid: data.appid,
    mchid: data.mchid,
    outTradeNo: data.out_trade_no,
    transactionId: data.transaction_id,
    amountFen: data.amount.total,
    currency: data.amount.currency,
    successTime: new Date(data.success_time),
  };
}

/** Reads the answer to a query about `outTradeNo`; undefined when it does not make sense or speaks of another order. */
export function readWechatOrder(transaction: unknown, outTradeNo: string): WechatOrder | undefined {
  const parsed = anyTransaction.safeParse(transaction);
  if (!parsed.success || parsed.data.out_trade_no !== outTradeNo) return undefined;
  const state = parsed.data.trade_state;
  if (CLOSED_STATES.has(state)) return { state: 'closed' };
  if (!PAID_STATES.some((paid) => paid === state)) return { state: 'unpaid' };
  const payment = readPayment(transaction);
  return payment === undefined ? undefined : { state: 'paid', payment };
}
