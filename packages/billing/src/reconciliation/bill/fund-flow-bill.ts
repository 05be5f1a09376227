import { billTime, wholeNumber, yuanToFen } from './cells.ts';
import type { BillFormat, Cells } from './read-bill.ts';

/** A movement of our account at WeChat Pay. */
export type FlowRow = {
  line: number;
  at: Date;
  /** The payment or refund it belongs to, by WeChat's number. */
  businessId: string;
  flowId: string;
  /** What moved: `交易`, `退款`, `扣除交易手续费` and others. */
  type: string;
  /** Negative: money that left. */
  amountFen: number;
};

function toRow(cells: Cells, line: number): FlowRow | undefined {
  const at = billTime(cells('记账时间'));
  const amountFen = yuanToFen(cells('收支金额(元)'));
  const direction = cells('收支类型');
  const businessId = cells('微信支付业务单号');
  if (at === undefined || amountFen === undefined || amountFen < 0 || businessId === '') return undefined;
  if (direction !== '收入' && direction !== '支出') return undefined;
  return {
    line,
    at,
    businessId,
    flowId: cells('资金流水单号'),
    type: cells('业务类型'),
    amountFen: direction === '收入' ? amountFen : -amountFen,
  };
}

const isIncome = ({ amountFen }: FlowRow): number => (amountFen >= 0 ? 1 : 0);

/** The fund flow of the basic account. */
export const FUND_FLOW_BILL: BillFormat<FlowRow> = {
  columns: '记账时间,微信支付业务单号,资金流水单号,业务类型,收支类型,收支金额(元)'.split(','),
  toRow,
  sums: {
    资金流水总笔数: { read: wholeNumber, of: [() => 1] },
    收入笔数: { read: wholeNumber, of: [isIncome] },
    收入金额: { read: yuanToFen, of: [({ amountFen }) => Math.max(amountFen, 0)] },
    支出笔数: { read: wholeNumber, of: [(row) => 1 - isIncome(row)] },
    支出金额: { read: yuanToFen, of: [({ amountFen }) => Math.max(-amountFen, 0)] },
  },
};
