import type { Report } from '@yunshang/contracts';
import { type Cell, cellText, reportTables } from './report-tables.ts';

/** Spreadsheets know UTF-8 by it. */
const BOM = '\uFEFF';

/** The report's tables one after the other, an empty line between them; amounts in yuan, as exact decimals. */
export function reportCsv(report: Report): string {
  const tables = reportTables(report).map(({ title, headers, rows }) =>
    [[title], headers, ...rows.map((row) => row.map(csvCell))]
      .map((cells) => `${cells.map(quoted).join(',')}\r\n`)
      .join(''),
  );
  return BOM + tables.join('\r\n');
}

/** Words that a spreadsheet would run as a formula stay words. Numbers are made by us and keep their minus. */
function csvCell(cell: Cell): string {
  const text = cellText(cell);
  return 'text' in cell && /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
