import { billTime, wholeNumber, yuanToFen, yuanToMicroYuan } from './cells.ts';
import type { BillFormat, Cells } from './read-bill.ts';

export type BilledRefund = {
  /** WeChat's number, and ours. */
  refundId: string;
  outRefundNo: string;
  amountFen: number;
  /** The bill's own words; a row is written when the refund is accepted and never changes after. */
  state: 'SUCCESS' | 'PROCESSING' | 'FAIL' | 'CHANGE';
};

/** A row of the trade bill: a payment, or with `refund` what was given back of one. */
export type TradeRow = {
  line: number;
  at: Date;
  appid: string;
  mchid: string;
  transactionId: string;
  outTradeNo: string;
  currency: string;
  /** Of the order; 0 in a refund. */
  amountFen: number;
  settledFen: number;
  voucherRefundFen: number;
  /** May be negative where a fee is given back. */
  feeMicroYuan: number;
  refund: BilledRefund | undefined;
};

const REFUND_STATES = ['SUCCESS', 'PROCESSING', 'FAIL', 'CHANGE'] as const;
const NUMBER = /^[0-9A-Za-z_\-|*@]{1,64}$/;

function toRow(cells: Cells, line: number): TradeRow | undefined {
  const state = cells('交易状态');
  const at = billTime(cells('交易时间'));
  const amountFen = yuanToFen(cells('订单金额'));
  const settledFen = yuanToFen(cells('应结订单金额'));
  const voucherRefundFen = yuanToFen(cells('充值券退款金额'));
  const feeMicroYuan = yuanToMicroYuan(cells('手续费'));
  const [transactionId, outTradeNo] = [cells('微信订单号'), cells('商户订单号')];
  if (at === undefined || amountFen === undefined || settledFen === undefined) return undefined;
  if (voucherRefundFen === undefined || feeMicroYuan === undefined) return undefined;
  if (!NUMBER.test(transactionId) || !NUMBER.test(outTradeNo)) return undefined;
  const refund = state === 'REFUND' ? refundOf(cells) : undefined;
  if (state === 'REFUND' ? refund === undefined : state !== 'SUCCESS' || amountFen <= 0) return undefined;
  return {
    line,
    at,
    appid: cells('公众账号ID'),
    mchid: cells('商户号'),
    transactionId,
    outTradeNo,
    currency: cells('货币种类'),
    amountFen,
    settledFen,
    voucherRefundFen,
    feeMicroYuan,
    refund,
  };
}

function refundOf(cells: Cells): BilledRefund | undefined {
  const amountFen = yuanToFen(cells('退款金额'));
  const [refundId, outRefundNo] = [cells('微信退款单号'), cells('商户退款单号')];
  const state = REFUND_STATES.find((word) => word === cells('退款状态'));
  if (amountFen === undefined || amountFen <= 0 || state === undefined) return undefined;
  if (!NUMBER.test(refundId) || !NUMBER.test(outRefundNo)) return undefined;
  return { refundId, outRefundNo, amountFen, state };
}

/** The trade bill of type ALL. */
export const TRADE_BILL: BillFormat<TradeRow> = {
  columns:
    '交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,货币种类,应结订单金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款状态,手续费,订单金额'.split(
      ',',
    ),
  toRow,
  sums: {
    // WeChat Pay does not say whether refunds are counted as trades.
    总交易单数: { read: wholeNumber, of: [() => 1, ({ refund }) => (refund === undefined ? 1 : 0)] },
    应结订单总金额: { read: yuanToFen, of: [({ settledFen }) => settledFen] },
    退款总金额: { read: yuanToFen, of: [({ refund }) => refund?.amountFen ?? 0] },
    充值券退款总金额: { read: yuanToFen, of: [({ voucherRefundFen }) => voucherRefundFen] },
    手续费总金额: { read: yuanToMicroYuan, of: [({ feeMicroYuan }) => feeMicroYuan] },
    订单总金额: { read: yuanToFen, of: [({ amountFen }) => amountFen] },
  },
};
