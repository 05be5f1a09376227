import { type Line, readLines } from './lines.ts';

/** The text of a named column; '' where the bill has none. */
export type Cells = (column: string) => string;

/** A line of the summary: what of a row it counts or adds up. Either way of counting will do where there are two. */
type Sum<Row> = { read: (text: string) => number | undefined; of: readonly ((row: Row) => number)[] };

export type BillFormat<Row> = {
  /** Columns that must be there, wherever. */
  columns: readonly string[];
  /** Undefined where the cells make no sense. */
  toRow: (cells: Cells, line: number) => Row | undefined;
  /** By its name in the summary; the first of them begins it. */
  sums: Readonly<Record<string, Sum<Row>>>;
};

export type SummaryDifference = { name: string; said: string; summed: number };

/** How a bill ended. Nothing about a bill throws but the reading of it. */
export type BillEnd = {
  hasHeader: boolean;
  rows: number;
  /** Lines that are no rows: how many, and where the first of them are. */
  badRows: number;
  badLines: number[];
  /** `missing`: the bill was cut short. */
  summary: 'agrees' | 'differs' | 'missing';
  differences: SummaryDifference[];
};

/** Rows handed over at once. */
const BATCH = 500;
const BAD_LINES_KEPT = 20;

/** Reads a bill's text as it comes and hands its rows over in batches, the first rows first. */
export async function readBill<Row>(
  chunks: AsyncIterable<Buffer>,
  format: BillFormat<Row>,
  onRows: (rows: Row[]) => Promise<void>,
): Promise<BillEnd> {
  const reading = createReading(format);
  for await (const line of readLines(chunks)) {
    const row = reading.take(line);
    if (row !== undefined) reading.batch.push(row);
    if (reading.batch.length === BATCH) await onRows(reading.batch.splice(0));
  }
  if (reading.batch.length > 0) await onRows(reading.batch.splice(0));
  return reading.end();
}

type Part = 'header' | 'rows' | 'summary' | 'nothing';

function createReading<Row>(format: BillFormat<Row>) {
  const names = Object.keys(format.sums);
  const totals = Object.values(format.sums).map(({ of }) => of.map(() => 0));
  const end: BillEnd = {
    hasHeader: false,
    rows: 0,
    badRows: 0,
    badLines: [],
    summary: 'missing',
    differences: [],
  };
  let part: Part = 'header';
  let columns: ReadonlyMap<string, number> = new Map();
  let summed: string[] = [];

  function bad(line: Line): undefined {
    // The last line of a bill that was cut is no garbage: that the summary is missing says it all.
    if (!line.isWhole && end.summary === 'missing') return;
    end.badRows += 1;
    if (end.badLines.length < BAD_LINES_KEPT) end.badLines.push(line.number);
  }

  function takeHeader(line: Line): undefined {
    columns = new Map(line.text.split(',').map((name, index) => [name.replace('`', '').trim(), index]));
    end.hasHeader = format.columns.every((name) => columns.has(name));
    part = end.hasHeader ? 'rows' : 'nothing';
  }

  function takeRow(line: Line): Row | undefined {
    const cells = cellsOf(line.text);
    if (cells === undefined || cells.length !== columns.size) return bad(line);
    const row = format.toRow((name) => cells[columns.get(name) ?? -1]?.trim() ?? '', line.number);
    if (row === undefined) return bad(line);
    end.rows += 1;
    Object.values(format.sums).forEach(({ of }, index) =>
      of.forEach((amountOf, way) => {
        const kept = totals[index];
        if (kept !== undefined) kept[way] = (kept[way] ?? 0) + amountOf(row);
      }),
    );
    return row;
  }

  function takeSummary(line: Line): undefined {
    const cells = cellsOf(line.text) ?? line.text.split(',');
    end.differences = names.flatMap((name, index) => {
      const said = cells[summed.indexOf(name)]?.trim() ?? '';
      const value = format.sums[name]?.read(said);
      const ways = totals[index] ?? [];
      return value !== undefined && ways.includes(value)
        ? []
        : [{ name, said: said.slice(0, 40), summed: ways[0] ?? 0 }];
    });
    end.summary = end.differences.length === 0 ? 'agrees' : 'differs';
    part = 'nothing';
  }

  return {
    batch: [] as Row[],
    end: () => end,
    take(line: Line): Row | undefined {
      if (line.text === '' && !line.isTooLong) return undefined;
      if (part === 'header') return takeHeader(line);
      if (part === 'summary') return takeSummary(line);
      if (part === 'nothing') return end.hasHeader ? bad(line) : undefined;
      if (names[0] !== undefined && line.text.replace('`', '').startsWith(names[0])) {
        summed = line.text.split(',').map((name) => name.replace('`', '').trim());
        part = 'summary';
        return undefined;
      }
      return takeRow(line);
    },
  };
}

/** Each cell begins with a backtick, so that a comma in a member-facing text ends none. */
function cellsOf(text: string): string[] | undefined {
  return text.startsWith('`') ? text.slice(1).split(',`') : undefined;
}
