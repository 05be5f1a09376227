import type { RefundStatus } from '@yunshang/contracts';
import type { Merchant } from '../payments/wechat/wechat-settings.ts';
import { isRefundOpen } from '../refunds/refund.ts';
import type { BilledRefund, TradeRow } from './bill/trade-bill.ts';
import { type Finding, finding } from './exception.ts';

export type KnownPayment = {
  id: string;
  orderId: string;
  userId: string;
  transactionId: string;
  amountFen: number;
  currency: string;
  isGranted: boolean;
  successTime: Date;
  /** Of the plan as it was sold. */
  boughtQuota: number;
  grantedQuota: number;
  /** Of its entry in the ledger of money; undefined where there is none. */
  enteredFen: number | undefined;
};
export type KnownRefund = {
  id: string;
  orderId: string;
  paymentId: string;
  outRefundNo: string;
  amountFen: number;
  status: RefundStatus;
};
/** What our books say about some rows of a bill. */
export type Known = {
  /** Id of the order by its number. */
  orders: ReadonlyMap<string, string>;
  /** By WeChat's number. */
  payments: ReadonlyMap<string, KnownPayment>;
  /** By our number. */
  refunds: ReadonlyMap<string, KnownRefund>;
};

export type RefundOfRow = TradeRow & { refund: BilledRefund };

/** What comparing rows comes to. What is not known here is asked about before anybody believes it. */
export type Judged = {
  findings: Finding[];
  /** Once each, without those of other merchants. */
  ours: TradeRow[];
  toCredit: TradeRow[];
  toRecord: RefundOfRow[];
  /** Refunds that the bill says have ended and we do not. */
  toFollow: RefundOfRow[];
  /** Found in both, by our ids. */
  matched: { row: TradeRow; payment: KnownPayment }[];
  matchedRefunds: { row: RefundOfRow; refund: KnownRefund; payment: KnownPayment | undefined }[];
};

/** The vendor's clock in its notification and in its bill is the same. */
const TIME_TOLERANCE_MS = 60_000;

/** Compares rows of a trade bill with our books; `seen` remembers the numbers of all rows of the bill. */
export function judgeTradeRows(
  rows: readonly TradeRow[],
  known: Known,
  bill: { merchant: Merchant; seen: Set<string> },
): Judged {
  const judged: Judged = {
    findings: [],
    ours: [],
    toCredit: [],
    toRecord: [],
    toFollow: [],
    matched: [],
    matchedRefunds: [],
  };
  for (const row of rows) {
    const number = row.refund?.refundId ?? row.transactionId;
    if (bill.seen.has(number)) {
      judged.findings.push(finding('duplicate_in_bill', number, { details: { line: row.line } }));
      continue;
    }
    bill.seen.add(number);
    if (row.mchid !== bill.merchant.mchid || row.appid !== bill.merchant.appid) {
      const details = { mchid: row.mchid.slice(0, 32), appid: row.appid.slice(0, 32), amountFen: row.amountFen };
      judged.findings.push(finding('wrong_merchant', number, { details }));
      continue;
    }
    judged.ours.push(row);
    if (isRefund(row)) judgeRefund(judged, row, known);
    else judgePaymentRow(judged, row, known);
  }
  return judged;
}

function isRefund(row: TradeRow): row is RefundOfRow {
  return row.refund !== undefined;
}

function judgePaymentRow(judged: Judged, row: TradeRow, known: Known): void {
  const payment = known.payments.get(row.transactionId);
  const orderId = known.orders.get(row.outTradeNo);
  if (payment === undefined) {
    if (orderId !== undefined) judged.toCredit.push(row);
    else {
      const details = { outTradeNo: row.outTradeNo, thereFen: row.amountFen };
      judged.findings.push(finding('unknown_order', row.transactionId, { details }));
    }
    return;
  }
  judged.matched.push({ row, payment });
  const found = (kind: Finding['kind'], details: Finding['details']): void =>
    void judged.findings.push(finding(kind, row.transactionId, { orderId: payment.orderId, details }));
  if (orderId !== payment.orderId) found('order_differs', { outTradeNo: row.outTradeNo });
  if (row.amountFen !== payment.amountFen)
    found('amount_differs', { thereFen: row.amountFen, hereFen: payment.amountFen });
  if (row.currency !== payment.currency)
    found('currency_differs', { there: row.currency.slice(0, 8), here: payment.currency });
  if (Math.abs(row.at.getTime() - payment.successTime.getTime()) > TIME_TOLERANCE_MS)
    found('paid_time_differs', { there: row.at.toISOString(), here: payment.successTime.toISOString() });
  const dueQuota = payment.isGranted ? payment.boughtQuota : 0;
  if (payment.grantedQuota !== dueQuota || payment.enteredFen !== payment.amountFen)
    found('paid_not_granted', {
      dueQuota,
      grantedQuota: payment.grantedQuota,
      hereFen: payment.amountFen,
      enteredFen: payment.enteredFen ?? null,
    });
}

function judgeRefund(judged: Judged, row: RefundOfRow, known: Known): void {
  const { refund: there } = row;
  const here = known.refunds.get(there.outRefundNo);
  const payment = known.payments.get(row.transactionId);
  if (here === undefined) {
    // What failed there moved no money.
    if (there.state !== 'FAIL') judged.toRecord.push(row);
    return;
  }
  judged.matchedRefunds.push({ row, refund: here, payment });
  const found = (kind: Finding['kind'], details: Finding['details']): void =>
    void judged.findings.push(finding(kind, there.refundId, { orderId: here.orderId, details }));
  if (here.paymentId !== payment?.id) found('order_differs', { transactionId: row.transactionId });
  if (here.amountFen !== there.amountFen)
    found('refund_amount_differs', { thereFen: there.amountFen, hereFen: here.amountFen });
  if (there.state === 'PROCESSING') return;
  if (isRefundOpen(here.status)) judged.toFollow.push(row);
  else if ((here.status === 'succeeded') !== (there.state === 'SUCCESS'))
    found('refund_state_differs', { there: there.state, here: here.status });
}
