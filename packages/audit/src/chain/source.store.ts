import { type Db, type RawDatabase, type RawRow, type RawRows, sqlValue } from '@yunshang/db';
import { sql } from 'kysely';
import type { Run } from './id-runs.ts';
import { SOURCES, type Source } from './source.ts';

/** Rows read in one statement; a block holds at most as many. */
export const PAGE_ROWS = 500;
/** Ranges of one statement. */
const MOST_RANGES = 100;

/** Rows of a source with their ids. */
export type SourceRows = Pick<RawRows, 'columns'> & { readonly rows: readonly { id: number; row: RawRow }[] };

/** The next rows behind `high`, in the order of their ids: those of the first 500 ids that hold any. */
export async function readBehind(raw: Pick<RawDatabase, 'read'>, source: Source, high: number): Promise<SourceRows> {
  const near = await readRange(raw, source, { from: high + 1, to: high + PAGE_ROWS });
  if (near.rows.length > 0) return near;
  const { rows } = await raw.read(
    `SELECT MIN(${source.idColumn}) FROM ${source.table} WHERE ${source.idColumn} > ${sqlValue(high)}`,
  );
  const first = rows[0]?.[0];
  if (first === null || first === undefined) return near;
  const from = Number(first);
  return readRange(raw, source, { from, to: from + PAGE_ROWS - 1 });
}

function readRange(raw: Pick<RawDatabase, 'read'>, source: Source, { from, to }: Run): Promise<SourceRows> {
  return readSome(raw, source, rangeSql(source, { from, to }));
}

/** The rows with ids of these runs, in the order of their ids. */
export async function readRuns(
  raw: Pick<RawDatabase, 'read'>,
  source: Source,
  runs: readonly Run[],
): Promise<SourceRows> {
  const parts: SourceRows[] = [];
  for (const ranges of statementsFor(runs))
    parts.push(await readSome(raw, source, ranges.map((run) => rangeSql(source, run)).join(' OR ')));
  return { columns: parts[0]?.columns ?? [], rows: parts.flatMap((part) => part.rows) };
}

/** The rows that are there inside these runs, however many ids the runs hold; the first 1000 or so. */
export async function readWithin(
  raw: Pick<RawDatabase, 'read'>,
  source: Source,
  runs: readonly Run[],
): Promise<SourceRows> {
  const found: SourceRows[] = [];
  let rows = 0;
  for (let index = 0; index < runs.length && rows < 2 * PAGE_ROWS; index += MOST_RANGES) {
    const ranges = runs.slice(index, index + MOST_RANGES).map((run) => rangeSql(source, run));
    const part = await readSome(raw, source, ranges.join(' OR '));
    found.push(part);
    rows += part.rows.length;
  }
  return { columns: found[0]?.columns ?? [], rows: found.flatMap((part) => part.rows) };
}

async function readSome(raw: Pick<RawDatabase, 'read'>, source: Source, where: string): Promise<SourceRows> {
  const { columns, rows } = await raw.read(
    `SELECT * FROM ${source.table} WHERE ${where} ORDER BY ${source.idColumn} LIMIT ${2 * PAGE_ROWS}`,
  );
  const idAt = columns.findIndex((column) => column.name === source.idColumn);
  return { columns, rows: rows.map((row) => ({ id: Number(row[idAt]), row })) };
}

function rangeSql({ idColumn }: Source, { from, to }: Run): string {
  if (from === to) return `${idColumn} = ${sqlValue(from)}`;
  return `(${idColumn} >= ${sqlValue(from)} AND ${idColumn} <= ${sqlValue(to)})`;
}

/** The runs, cut so that no statement reads more than 2 pages or has too many ranges. */
function* statementsFor(runs: readonly Run[]): Generator<Run[]> {
  let ranges: Run[] = [];
  let held = 0;
  for (const run of runs) {
    for (let { from } = run; from <= run.to;) {
      const part = { from, to: Math.min(run.to, from + 2 * PAGE_ROWS - held - 1) };
      ranges.push(part);
      held += part.to - part.from + 1;
      from = part.to + 1;
      if (held < 2 * PAGE_ROWS && ranges.length < MOST_RANGES) continue;
      yield ranges;
      ranges = [];
      held = 0;
    }
  }
  if (ranges.length > 0) yield ranges;
}

/** When the row at this place of a page was written. */
export function writtenAt(source: Source, page: SourceRows, index: number): Date {
  const at = page.columns.findIndex((column) => column.name === source.timeColumn);
  const text = page.rows[index]?.row[at]?.toString('ascii') ?? '';
  return new Date(`${text.replace(' ', 'T')}Z`);
}

/** When the first row of each source behind these ids was written; a source without such a row is left out. */
export async function findOldestBehind(db: Db, highs: ReadonlyMap<string, number>): Promise<Map<string, Date>> {
  const next = SOURCES.map(
    ({ table, idColumn }) => sql`
      SELECT ${table} AS source, MIN(${sql.ref(idColumn)}) AS id FROM ${sql.table(table)}
      WHERE ${sql.ref(idColumn)} > ${highs.get(table) ?? 0}`,
  );
  const { rows } = await sql<{ source: string; id: number | null }>`${sql.join(next, sql` UNION ALL `)}`.execute(db);
  const times = SOURCES.flatMap(({ table, idColumn, timeColumn }) => {
    const id = rows.find((row) => row.source === table)?.id ?? null;
    if (id === null) return [];
    const at = sql.ref(timeColumn);
    return [sql`SELECT ${table} AS source, ${at} AS at FROM ${sql.table(table)} WHERE ${sql.ref(idColumn)} = ${id}`];
  });
  if (times.length === 0) return new Map();
  const found = await sql<{ source: string; at: Date }>`${sql.join(times, sql` UNION ALL `)}`.execute(db);
  return new Map(found.rows.map((row) => [row.source, row.at]));
}
