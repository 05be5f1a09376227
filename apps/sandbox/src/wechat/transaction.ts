import { beijingTime } from '../beijing-time.ts';
import { TRADE_TYPES, type Order } from './order.ts';

/** The transaction object of a query's answer and of a notification, under its wire names. */
export type Transaction = {
  appid: string;
  mchid: string;
  out_trade_no: string;
  transaction_id?: string;
  trade_type?: (typeof TRADE_TYPES)[keyof typeof TRADE_TYPES];
  trade_state: 'NOTPAY' | 'SUCCESS' | 'REFUND' | 'CLOSED';
  trade_state_desc: string;
  bank_type?: string;
  attach?: string;
  success_time?: string;
  payer: { openid?: string };
  amount: { total: number; payer_total?: number; currency: string; payer_currency?: string };
};

const DESCRIPTIONS = {
  NOTPAY: '订单未支付',
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款',
  CLOSED: '订单已关闭',
} as const;

/** REFUND from the first refund that was accepted on, also a partial one, and never back. */
function stateOf(order: Order): Transaction['trade_state'] {
  return order.state.name === 'SUCCESS' && order.refunds.length > 0 ? 'REFUND' : order.state.name;
}

/** What the vendor says about an order now. transaction_id, trade_type and the like are absent until it is paid. */
export function transactionOf(order: Order): Transaction {
  const { appid, mchid, out_trade_no, attach, amount } = order.request;
  const head = {
    appid,
    mchid,
    out_trade_no,
    trade_state: stateOf(order),
    trade_state_desc: DESCRIPTIONS[stateOf(order)],
    ...(attach === undefined ? {} : { attach }),
  };
  if (order.state.name !== 'SUCCESS') return { ...head, payer: {}, amount: { total: amount.total, currency: 'CNY' } };
  const { payment } = order.state;
  return {
    ...head,
    transaction_id: payment.transactionId,
    trade_type: TRADE_TYPES[order.kind],
    bank_type: 'OTHERS',
    success_time: beijingTime(payment.successTime),
    payer: { openid: order.request.payer?.openid ?? 'oSandboxPayer000000000000000' },
    amount: { total: payment.totalFen, payer_total: payment.totalFen, currency: 'CNY', payer_currency: 'CNY' },
  };
}
