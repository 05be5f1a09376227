import type { TextFile } from '@yunshang/contracts';
import { stringify } from 'csv-stringify/sync';

/**
 * A CSV that Excel reads as UTF-8. Text that a spreadsheet would take for a formula is made harmless; numbers stay numbers, also
 * negative ones.
 */
export function csvFile(fileName: string, rows: readonly (readonly (string | number | null)[])[]): TextFile {
  const text = stringify(
    rows.map((row) => [...row]),
    {
      bom: true,
      record_delimiter: 'windows',
      escape_formulas: true,
      cast: { number: (value) => ({ value: String(value), escape_formulas: false }) },
    },
  );
  return { fileName, contentType: 'text/csv; charset=utf-8', text };
}
