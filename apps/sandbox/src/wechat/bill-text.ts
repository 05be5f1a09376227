import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { BillKind, BillPlan } from './bill-plan.ts';
import { BILL_COLUMNS, type BillRow, yuan } from './bill-rows.ts';

export type BillFile = { packed: Buffer; plain: Buffer; hash: string };

const SUMMARIES = {
  trade: {
    总交易单数: (rows) => String(rows.length),
    应结订单总金额: (rows) => total(rows, '应结订单金额'),
    退款总金额: (rows) => total(rows, '退款金额'),
    充值券退款总金额: (rows) => total(rows, '充值券退款金额'),
    手续费总金额: (rows) => feeTotal(rows),
    订单总金额: (rows) => total(rows, '订单金额'),
    申请退款总金额: (rows) => total(rows, '申请退款金额'),
  },
  fund_flow: {
    资金流水总笔数: (rows) => String(rows.length),
    收入笔数: (rows) => String(income(rows).length),
    收入金额: (rows) => total(income(rows), '收支金额(元)'),
    支出笔数: (rows) => String(rows.length - income(rows).length),
    支出金额: (rows) =>
      total(
        rows.filter((row) => row['收支类型'] !== '收入'),
        '收支金额(元)',
      ),
  },
} as const satisfies Record<BillKind, Record<string, (rows: readonly BillRow[]) => string>>;

const income = (rows: readonly BillRow[]): BillRow[] => rows.filter((row) => row['收支类型'] === '收入');
const sumOf = (rows: readonly BillRow[], column: string, parts: number): number =>
  rows.reduce((sum, row) => sum + Math.round(Number(row[column] ?? 0) * parts), 0);
const total = (rows: readonly BillRow[], column: string): string => yuan(sumOf(rows, column, 100));
const feeTotal = (rows: readonly BillRow[]): string => (sumOf(rows, '手续费', 100_000) / 100_000).toFixed(5);

/** The bill's file as that plan wants it. The hash is over the plain text, whatever it is packed in. */
export function billFile(kind: BillKind, rows: readonly BillRow[], plan: BillPlan): BillFile {
  const has = (bend: BillPlan['bends'][number]): boolean => plan.bends.includes(bend);
  const ordered = has('reordered') ? BILL_COLUMNS[kind].toReversed() : [...BILL_COLUMNS[kind]];
  const columns = has('missing_column') ? ordered.slice(0, -12) : ordered;
  const lines = rows.map((row) => columns.map((column) => `\`${row[column] ?? ''}`).join(','));
  if (has('garbage_row')) lines.splice(lines.length >> 1, 0, '`not,`a row');
  const sums = Object.entries(SUMMARIES[kind]).map(([name, sum]) => ({ name, value: sum(rows) }));
  if (has('wrong_summary') && sums[0] !== undefined) sums[0].value = String(rows.length + 7);
  const text = [
    columns.join(','),
    ...lines,
    sums.map(({ name }) => name).join(','),
    sums.map(({ value }) => `\`${value}`).join(','),
    '',
  ].join(has('crlf') ? '\r\n' : '\n');
  const whole = Buffer.from(`${has('bom') ? '\uFEFF' : ''}${text}`);
  const plain = has('truncated') ? whole.subarray(0, Math.floor(whole.length * 0.6)) : whole;
  const packed = gzipSync(plain);
  return {
    plain,
    packed: has('broken_gzip') ? packed.subarray(0, packed.length >> 1) : packed,
    hash: createHash('sha1')
      .update(plain)
      .update(has('wrong_hash') ? 'x' : '')
      .digest('hex'),
  };
}
