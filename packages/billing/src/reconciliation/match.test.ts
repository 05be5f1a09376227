import { DIFFERENCE_KINDS, DIFFERENCES, EXCEPTION_STATES } from '@yunshang/contracts';
import { describe, expect, it } from 'vitest';
import type { FlowRow } from './bill/fund-flow-bill.ts';
import type { TradeRow } from './bill/trade-bill.ts';
import { canMoveException, EXCEPTION_MOVES, finding, stateWhenFound } from './exception.ts';
import { createFlowBook } from './match-flow.ts';
import { type Judged, judgeTradeRows, type Known, type KnownPayment, type KnownRefund } from './match-trade.ts';

const at = new Date('2026-01-15T04:00:00.000Z');
const merchant = { mchid: '1900000001', appid: 'wx1' };
const row: TradeRow = {
  ...merchant,
  line: 2,
  at,
  transactionId: '42',
  outTradeNo: 'order',
  currency: 'CNY',
  amountFen: 9_900,
  settledFen: 9_900,
  voucherRefundFen: 0,
  feeMicroYuan: 590_000,
  refund: undefined,
};
const refundRow = (state: 'SUCCESS' | 'PROCESSING' | 'FAIL' | 'CHANGE') => ({
  ...row,
  amountFen: 0,
  refund: { refundId: '50', outRefundNo: 'refund', amountFen: 900, state },
});
const payment: KnownPayment = {
  id: 'payment',
  orderId: 'id',
  userId: 'user',
  transactionId: '42',
  amountFen: 9_900,
  currency: 'CNY',
  isGranted: true,
  successTime: at,
  boughtQuota: 100,
  grantedQuota: 100,
  enteredFen: 9_900,
};
const refund: KnownRefund = {
  id: 'refund',
  orderId: 'id',
  paymentId: 'payment',
  outRefundNo: 'refund',
  amountFen: 900,
  status: 'succeeded',
};

function judge(rows: TradeRow[], here: { payment?: KnownPayment; refund?: KnownRefund; order?: string } = {}): Judged {
  const known: Known = {
    orders: new Map([['order', here.order ?? 'id']]),
    payments: new Map(here.payment === undefined ? [] : [['42', here.payment]]),
    refunds: new Map(here.refund === undefined ? [] : [['refund', here.refund]]),
  };
  return judgeTradeRows(rows, known, { merchant, seen: new Set() });
}
const kinds = ({ findings }: Judged): string[] => findings.map(({ kind }) => kind);

describe('a payment in the bill', () => {
  it('that is ours in every figure is matched and no difference', () => {
    const judged = judge([row], { payment });
    expect(kinds(judged)).toEqual([]);
    expect(judged.matched).toHaveLength(1);
  });

  it.each([
    ['amount_differs', { amountFen: 9_901 }],
    ['currency_differs', { currency: 'USD' }],
    ['paid_time_differs', { at: new Date(at.getTime() + 61_000) }],
    ['wrong_merchant', { mchid: '1' }],
    ['wrong_merchant', { appid: 'wx2' }],
    ['order_differs', { outTradeNo: 'another' }],
  ])('is %s when it is told so', (kind, bent) => {
    expect(kinds(judge([{ ...row, ...bent }], { payment }))).toEqual([kind]);
  });

  it.each([
    [{ grantedQuota: 0 }],
    [{ grantedQuota: 101 }],
    [{ enteredFen: undefined }],
    [{ isGranted: false, grantedQuota: 100 }],
  ])('whose credit is not whole here is a difference: %j', (bent) => {
    expect(kinds(judge([row], { payment: { ...payment, ...bent } }))).toEqual(['paid_not_granted']);
  });

  it('twice is one payment and one difference', () => {
    const judged = judge([row, row], { payment });
    expect(kinds(judged)).toEqual(['duplicate_in_bill']);
    expect(judged.ours).toHaveLength(1);
  });

  it('that is not here is asked about when we know its order, and a difference when nobody does', () => {
    expect(judge([row])).toMatchObject({ toCredit: [row], findings: [] });
    expect(kinds(judge([{ ...row, outTradeNo: 'never' }]))).toEqual(['unknown_order']);
  });
});

describe('a refund in the bill', () => {
  it.each([
    ['SUCCESS', 'succeeded', [], 0],
    ['PROCESSING', 'succeeded', [], 0],
    ['PROCESSING', 'closed', [], 0],
    ['SUCCESS', 'closed', ['refund_state_differs'], 0],
    ['FAIL', 'succeeded', ['refund_state_differs'], 0],
    ['CHANGE', 'succeeded', ['refund_state_differs'], 0],
    ['FAIL', 'closed', [], 0],
    ['SUCCESS', 'processing', [], 1],
    ['FAIL', 'processing', [], 1],
    ['SUCCESS', 'intended', [], 1],
  ] as const)('%s there and %s here: %j, asked about %i', (there, status, found, asked) => {
    const judged = judge([refundRow(there)], { payment, refund: { ...refund, status } });
    expect(kinds(judged)).toEqual(found);
    expect(judged.toFollow).toHaveLength(asked);
  });

  it('of another sum, or of another payment, is a difference', () => {
    expect(kinds(judge([refundRow('SUCCESS')], { payment, refund: { ...refund, amountFen: 800 } }))).toEqual([
      'refund_amount_differs',
    ]);
    expect(kinds(judge([refundRow('SUCCESS')], { payment, refund: { ...refund, paymentId: 'other' } }))).toEqual([
      'order_differs',
    ]);
  });

  it('that is not here is asked about, unless nothing came of it there', () => {
    expect(judge([refundRow('PROCESSING')], { payment }).toRecord).toHaveLength(1);
    expect(judge([refundRow('FAIL')], { payment })).toMatchObject({ toRecord: [], findings: [] });
  });
});

const flow = (businessId: string, amountFen: number, type = '交易'): FlowRow => {
  return { line: 2, at, businessId, flowId: `F${businessId}`, type, amountFen };
};

describe('the fund flow', () => {
  const end = new Date('2026-01-15T16:00:00.000Z');

  it('has a payment, its fee to the fen, and what was refunded', () => {
    const book = createFlowBook();
    book.expect([{ ...row, feeMicroYuan: 594_000 }, refundRow('PROCESSING'), { ...refundRow('FAIL'), line: 9 }]);
    const rows = [flow('42', 9_900), flow('42', -59, '扣除交易手续费'), flow('50', -900, '退款')];
    expect(book.judge(rows)).toMatchObject({ findings: [], strangers: [] });
    expect(book.missing({ end })).toEqual([]);
  });

  it('with another sum, another fee, something missing and something strange tells each', () => {
    const book = createFlowBook();
    book.expect([row, { ...row, transactionId: '43', feeMicroYuan: 0 }]);
    const { findings, strangers } = book.judge([
      flow('42', 9_901),
      flow('42', -58, '扣除交易手续费'),
      flow('44', 100),
      flow('45', -5_000, '提现'),
    ]);
    expect(findings.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'fund_flow_amount_differs 42',
      'fund_flow_amount_differs 42:fee',
    ]);
    expect(strangers.map(({ businessId }) => businessId)).toEqual(['44']);
    expect(book.missing({ end }).map(({ subject }) => subject)).toEqual(['43']);
  });

  it('may enter the last minutes of a day on the next', () => {
    const book = createFlowBook();
    book.expect([{ ...row, at: new Date(end.getTime() - 60_000), feeMicroYuan: 0 }]);
    expect(book.missing({ end })).toEqual([]);
  });
});

describe('a difference', () => {
  const found = finding('fee_differs', '42', { details: { there: 1 } });

  it('never goes back to open, and every state has a way on', () => {
    for (const from of EXCEPTION_STATES) {
      expect(canMoveException(from, 'open')).toBe(false);
      expect(EXCEPTION_MOVES[from].length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['open', 'open'],
    ['investigating', 'investigating'],
    ['reopened', 'reopened'],
    ['resolved', 'reopened'],
    ['accepted', 'accepted'],
  ] as const)('that is %s and found once more is %s', (state, after) => {
    expect(stateWhenFound({ state, details: { there: 1 } }, found)).toBe(after);
  });

  it('that was accepted at other figures is found anew; one that is mended is resolved', () => {
    expect(stateWhenFound({ state: 'accepted', details: { there: 2 } }, found)).toBe('reopened');
    expect(stateWhenFound({ state: 'open', details: {} }, { ...found, isHealed: true })).toBe('resolved');
  });

  it('has a page of the handbook, whatever its kind', async () => {
    const { readFile } = await import('node:fs/promises');
    const page = await readFile(new URL('../../../../docs/operations/reconciliation.md', import.meta.url), 'utf8');
    for (const kind of DIFFERENCE_KINDS)
      expect(page).toContain(`| \`${kind}\` | ${DIFFERENCES[kind].severity} | ${DIFFERENCES[kind].owner} |`);
    const named = [...page.matchAll(/^\| `(\w+)` \| (?:critical|error|warning) \|/gm)].map(([, kind = '']) => kind);
    expect(named.toSorted()).toEqual(DIFFERENCE_KINDS.toSorted());
  });
});
