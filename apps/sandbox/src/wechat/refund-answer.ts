import { beijingTime } from '../beijing-time.ts';
import type { News } from './notification.ts';
import type { Order, Refund } from './order.ts';

/** The refund object of an answer, under its wire names. */
export function refundAnswer(order: Order, refund: Refund): Record<string, unknown> {
  return {
    ...common(order, refund),
    channel: 'ORIGINAL',
    create_time: beijingTime(refund.createdAt),
    status: refund.status,
    funds_account: 'UNSETTLED',
    amount: {
      ...sums(order, refund),
      settlement_total: totalOf(order),
      settlement_refund: refund.refundFen,
      discount_refund: 0,
      currency: 'CNY',
    },
  };
}

const EVENTS = {
  PROCESSING: undefined,
  SUCCESS: { event: 'REFUND.SUCCESS', summary: '退款成功' },
  CLOSED: { event: 'REFUND.CLOSED', summary: '退款关闭' },
  ABNORMAL: { event: 'REFUND.ABNORMAL', summary: '退款异常' },
} as const;

/** What the merchant is told once a refund has left PROCESSING. */
export function refundNews(order: Order, refund: Refund): News {
  const event = EVENTS[refund.status];
  if (event === undefined) throw new Error('a refund that is processing is no news');
  const plain = {
    mchid: order.request.mchid,
    ...common(order, refund),
    refund_status: refund.status,
    amount: sums(order, refund),
  };
  return { ...event, originalType: 'refund', plain };
}

function common(order: Order, refund: Refund): Record<string, unknown> {
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: order.state.name === 'SUCCESS' ? order.state.payment.transactionId : '',
    out_trade_no: order.request.out_trade_no,
    user_received_account: '支付用户零钱',
    ...(refund.successTime === undefined ? {} : { success_time: beijingTime(refund.successTime) }),
  };
}

function sums(order: Order, refund: Refund): Record<string, number> {
  const total = totalOf(order);
  return { total, refund: refund.refundFen, payer_total: total, payer_refund: refund.refundFen };
}

function totalOf(order: Order): number {
  return order.state.name === 'SUCCESS' ? order.state.payment.totalFen : order.request.amount.total;
}
