import type { Report } from '@yunshang/contracts';
import writeXlsx from 'write-excel-file/node';
import { type Cell, reportTables, reportTitle } from './report-tables.ts';

// Cells hold whole fen and micro-yuan, so sums of them in the sheet are exact; the point that people see is a sign in the format.
const FEN = '0"."00';
const MICRO_YUAN = '0"."000000';

/** The report's tables, a sheet each. */
export async function reportXlsx(report: Report): Promise<Uint8Array> {
  const sheets = reportTables(report).map(({ title, headers, rows }) => ({
    sheet: title === reportTitle(report) ? '汇总' : title,
    data: [
      headers.map((header) => ({ value: header, fontWeight: 'bold' as const })),
      ...rows.map((row) => row.map(xlsxCell)),
    ],
    columns: headers.map((_header, index) => ({ width: index === 0 ? 34 : 18 })),
    stickyRowsCount: 1,
  }));
  return writeXlsx(sheets).toBuffer();
}

/** Words are cells of text and never formulas. */
function xlsxCell(cell: Cell) {
  if ('text' in cell) return { value: cell.text, type: String };
  if ('fen' in cell) return { value: cell.fen, type: Number, format: FEN };
  if ('microYuan' in cell) return { value: cell.microYuan, type: Number, format: MICRO_YUAN };
  return { value: cell.count, type: Number };
}
