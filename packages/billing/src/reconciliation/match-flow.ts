import { MICRO_YUAN_PER_FEN } from '../costs/amount.ts';
import type { FlowRow } from './bill/fund-flow-bill.ts';
import type { TradeRow } from './bill/trade-bill.ts';
import { type Finding, finding } from './exception.ts';

/** What moved our account by the trade bill: in fen, negative where it left. A fee is known in micro-yuan and moves in fen. */
type Expected = { kind: 'trade'; fen: number; at: Date } | { kind: 'fee'; microYuan: number; at: Date };

export type FlowBook = {
  expect(rows: readonly TradeRow[]): void;
  /** `strangers`: of no payment or refund in the trade bill. */
  judge(rows: readonly FlowRow[]): { findings: Finding[]; strangers: FlowRow[] };
  /** What never came. What happened in the day's last minutes may be entered on the next. */
  missing(day: { end: Date }): Finding[];
};

const NEXT_DAY_MS = 5 * 60_000;
const FEE = '手续费';
/** Movements that belong to a payment or refund; others (withdrawals, top-ups) are the merchant's own. */
const TRADE_TYPES = new Set(['交易', '退款']);

/** Holds what the trade bill says moved, one small entry a row, until the fund flow has told. */
export function createFlowBook(): FlowBook {
  const expected = new Map<string, Expected>();
  const take = (key: string): Expected | undefined => {
    const found = expected.get(key);
    expected.delete(key);
    return found;
  };
  return {
    expect(rows) {
      for (const { transactionId, refund, amountFen, feeMicroYuan, at } of rows) {
        const number = refund?.refundId ?? transactionId;
        if (refund?.state !== 'FAIL')
          expected.set(number, { kind: 'trade', fen: refund === undefined ? amountFen : -refund.amountFen, at });
        // How a fee is given back with a refund WeChat Pay does not say.
        if (refund === undefined && feeMicroYuan >= MICRO_YUAN_PER_FEN / 2)
          expected.set(`${number}:fee`, { kind: 'fee', microYuan: feeMicroYuan, at });
      }
    },
    judge(rows) {
      const findings: Finding[] = [];
      const strangers: FlowRow[] = [];
      for (const row of rows) {
        const isFee = row.type.includes(FEE);
        if (!isFee && !TRADE_TYPES.has(row.type)) continue;
        const subject = isFee ? `${row.businessId}:fee` : row.businessId;
        const wanted = take(subject);
        if (wanted === undefined) strangers.push(row);
        else if (!isAsExpected(wanted, row.amountFen)) {
          const trade =
            wanted.kind === 'trade' ? { tradeBillFen: wanted.fen } : { tradeBillMicroYuan: -wanted.microYuan };
          const details = { ...trade, fundFlowFen: row.amountFen };
          findings.push(finding('fund_flow_amount_differs', subject, { details }));
        }
      }
      return { findings, strangers };
    },
    missing({ end }) {
      return [...expected]
        .filter(([, { at }]) => end.getTime() - at.getTime() > NEXT_DAY_MS)
        .map(([subject, wanted]) => {
          const details =
            wanted.kind === 'trade' ? { tradeBillFen: wanted.fen } : { tradeBillMicroYuan: -wanted.microYuan };
          return finding('fund_flow_missing', subject, { details });
        });
    },
  };
}

/** A fee leaves the account, rounded to the fen. */
function isAsExpected(wanted: Expected, movedFen: number): boolean {
  if (wanted.kind === 'trade') return wanted.fen === movedFen;
  return Math.abs(movedFen * MICRO_YUAN_PER_FEN + wanted.microYuan) < MICRO_YUAN_PER_FEN;
}
