import { beijingTime } from '../beijing-time.ts';
import type { BillEdit, BillKind } from './bill-plan.ts';
import { TRADE_TYPES, type Order, type Payment, type Refund, type RefundStatus } from './order.ts';

/** A row by its columns' names. */
export type BillRow = Readonly<Record<string, string>>;
/** `number` names the row in a plan: WeChat's own number of the payment or refund, `…:fee` for a fee in the fund flow. */
type NumberedRow = { number: string; at: Date; row: BillRow };

/** All columns, in the order the vendor writes them. */
export const BILL_COLUMNS = {
  trade:
    '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'.split(
      ',',
    ),
  fund_flow:
    '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号'.split(
      ',',
    ),
} as const satisfies Record<BillKind, readonly string[]>;

/** The API's states in the bill's words. */
const REFUND_WORDS = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  CLOSED: 'FAIL',
  ABNORMAL: 'CHANGE',
} as const satisfies Record<RefundStatus, string>;

type Paid = Order & { state: { name: 'SUCCESS'; payment: Payment } };
const isPaid = (order: Order): order is Paid => order.state.name === 'SUCCESS';

export const yuan = (fen: number): string => (fen / 100).toFixed(2);
const dayOf = (at: Date): string => beijingTime(at).slice(0, 10);
const timeOf = (at: Date): string => beijingTime(at).slice(0, 19).replace('T', ' ');
/** 0.60 %, to the fen. */
const feeFen = (totalFen: number): number => Math.round((totalFen * 6) / 1000);

/** What the vendor has of that day, the oldest first, with the plan's changes. */
export function billRows(kind: BillKind, orders: readonly Order[], of: { day: string; edits: BillEdit[] }): BillRow[] {
  const paid = orders.filter(isPaid);
  const rows = paid.flatMap((order) => {
    const { payment } = order.state;
    const refunds = order.refunds.filter(({ createdAt }) => dayOf(createdAt) === of.day);
    const isToday = dayOf(payment.successTime) === of.day;
    return kind === 'trade'
      ? [...(isToday ? [tradeRow(order)] : []), ...refunds.map((refund) => refundRow(order, refund))]
      : [...(isToday ? flowRows(order) : []), ...refunds.flatMap((refund) => refundFlow(order, refund))];
  });
  const ordered = rows.toSorted((one, other) => one.at.getTime() - other.at.getTime());
  return of.edits.reduce(edited, kind === 'trade' ? ordered : withBalance(ordered)).map(({ row }) => row);
}

function edited(rows: NumberedRow[], edit: BillEdit): NumberedRow[] {
  switch (edit.op) {
    case 'add':
      return [...rows, { number: 'added', at: new Date(0), row: edit.values }];
    case 'drop':
      return rows.filter(({ number }) => number !== edit.number);
    case 'duplicate':
      return rows.flatMap((one) => (one.number === edit.number ? [one, one] : [one]));
    default:
      return rows.map((one) => (one.number === edit.number ? { ...one, row: { ...one.row, ...edit.values } } : one));
  }
}

function common(order: Paid, at: Date): Record<string, string> {
  return {
    交易时间: timeOf(at),
    公众账号ID: order.request.appid,
    商户号: order.request.mchid,
    特约商户号: '0',
    微信订单号: order.state.payment.transactionId,
    商户订单号: order.request.out_trade_no,
    用户标识: order.request.payer?.openid ?? 'oSandboxPayer000000000000000',
    交易类型: TRADE_TYPES[order.kind],
    付款银行: 'OTHERS',
    货币种类: 'CNY',
    代金券金额: '0.00',
    充值券退款金额: '0.00',
    商品名称: order.request.description.replaceAll(',', '\\,'),
    商户数据包: (order.request.attach ?? '').replaceAll(',', '\\,'),
    费率: '0.60%',
  };
}

function tradeRow(order: Paid): NumberedRow {
  const { transactionId, successTime, totalFen } = order.state.payment;
  const row = {
    ...common(order, successTime),
    交易状态: 'SUCCESS',
    应结订单金额: yuan(totalFen),
    微信退款单号: '0',
    商户退款单号: '0',
    退款金额: '0.00',
    手续费: `${yuan(feeFen(totalFen))}000`,
    订单金额: yuan(totalFen),
    申请退款金额: '0.00',
  };
  return { number: transactionId, at: successTime, row };
}

function refundRow(order: Paid, refund: Refund): NumberedRow {
  const row = {
    ...common(order, refund.createdAt),
    交易状态: 'REFUND',
    应结订单金额: '0.00',
    微信退款单号: refund.refundId,
    商户退款单号: refund.outRefundNo,
    退款金额: yuan(refund.refundFen),
    退款类型: 'ORIGINAL',
    退款状态: REFUND_WORDS[refund.status],
    手续费: '0.00000',
    订单金额: '0.00',
    申请退款金额: yuan(refund.refundFen),
  };
  return { number: refund.refundId, at: refund.createdAt, row };
}

type Movement = { number: string; business: string; at: Date; name: string; fen: number };

function movement({ number, business, at, name, fen }: Movement): NumberedRow {
  const row = {
    记账时间: timeOf(at),
    微信支付业务单号: business,
    资金流水单号: `${business}${fen > 0 ? '1' : '2'}`,
    业务名称: name,
    业务类型: name,
    收支类型: fen > 0 ? '收入' : '支出',
    '收支金额(元)': yuan(Math.abs(fen)),
    资金变更提交申请人: 'system',
    业务凭证号: business,
  };
  return { number, at, row };
}

function flowRows(order: Paid): NumberedRow[] {
  const { transactionId: business, successTime: at, totalFen } = order.state.payment;
  const fee = feeFen(totalFen);
  const paid = movement({ number: business, business, at, name: '交易', fen: totalFen });
  if (fee === 0) return [paid];
  return [paid, movement({ number: `${business}:fee`, business, at, name: '扣除交易手续费', fen: -fee })];
}

/** What closed gave nothing back. */
function refundFlow(_order: Paid, refund: Refund): NumberedRow[] {
  if (refund.status === 'CLOSED') return [];
  const { refundId, createdAt: at, refundFen } = refund;
  return [movement({ number: refundId, business: refundId, at, name: '退款', fen: -refundFen })];
}

function withBalance(rows: NumberedRow[]): NumberedRow[] {
  let fen = 1_000_000;
  return rows.map((one) => {
    const cents = Math.round(Number(one.row['收支金额(元)']) * 100);
    fen += one.row['收支类型'] === '收入' ? cents : -cents;
    return { ...one, row: { ...one.row, '账户结余(元)': yuan(fen) } };
  });
}
