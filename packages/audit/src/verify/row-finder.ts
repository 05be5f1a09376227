import type { RawDatabase } from '@yunshang/db';
import { countIds, type Run } from '../chain/id-runs.ts';
import { type Source, SOURCES } from '../chain/source.ts';
import { readBehind, readRuns, type SourceRows } from '../chain/source.store.ts';
import type { FoundRows, ReadableBlock } from './prove-block.ts';

/** Rows in no block that are kept in mind; more need not be named. */
const MOST_STRAYS = 1_000;

export type RowFinder = {
  /** The rows of these blocks, which are the next of the chain. */
  find(blocks: readonly ReadableBlock[]): Promise<ReadonlyMap<string, FoundRows>>;
  /** Ids among the rows found so far that were in none of the blocks asked for then: a later block may hold them. */
  strays(table: string): readonly number[];
};

type Cursor = { at: number; strays: number[] };

/**
 * Reads each source once from `start` on, in the order of its ids, and so sees rows that belong to no block too. Rows that were
 * sealed late lie behind the cursor and are read by themselves.
 */
export function createRowFinder(raw: Pick<RawDatabase, 'read'>, start: ReadonlyMap<string, number>): RowFinder {
  const cursors = new Map<string, Cursor>(
    SOURCES.map(({ table }) => [table, { at: start.get(table) ?? -Number.MAX_SAFE_INTEGER, strays: [] }]),
  );
  return {
    find: async (blocks) => {
      const found = new Map<string, FoundRows>();
      for (const source of SOURCES) {
        const cursor = cursors.get(source.table);
        const runs = blocks.filter((each) => each.source.table === source.table).flatMap((each) => each.runs);
        if (cursor !== undefined && runs.length > 0)
          found.set(source.table, await findRuns(raw, source, { cursor, runs }));
      }
      return found;
    },
    strays: (table) => cursors.get(table)?.strays ?? [],
  };
}

async function findRuns(
  raw: Pick<RawDatabase, 'read'>,
  source: Source,
  { cursor, runs }: { cursor: Cursor; runs: readonly Run[] },
): Promise<FoundRows> {
  const begin = cursor.at;
  const ascending = runs.toSorted((one, other) => one.from - other.from);
  const behind = ascending.filter((run) => run.from <= begin).map((run) => ({ ...run, to: Math.min(run.to, begin) }));
  const ahead = ascending
    .filter((run) => run.to > begin)
    .map((run) => ({ ...run, from: Math.max(run.from, begin + 1) }));
  const pages: SourceRows[] = countIds(behind) === 0 ? [] : [await readRuns(raw, source, behind)];
  const last = ahead.at(-1)?.to ?? begin;
  while (cursor.at < last) {
    const page = await readBehind(raw, source, cursor.at);
    const end = page.rows.at(-1)?.id;
    if (end === undefined || (page.rows[0]?.id ?? last) > last) cursor.at = last;
    else {
      const rows = end > last ? page.rows.filter(({ id }) => id <= last) : page.rows;
      pages.push({ columns: page.columns, rows });
      cursor.at = Math.min(end, last);
      noteStrays(cursor, rows, ahead);
    }
  }
  const byId = new Map(pages.flatMap((page) => page.rows.map(({ id, row }) => [id, row] as const)));
  return { columns: pages[0]?.columns ?? [], byId };
}

function noteStrays({ strays }: Cursor, rows: SourceRows['rows'], runs: readonly Run[]): void {
  let index = 0;
  for (const { id } of rows) {
    while ((runs[index]?.to ?? id) < id) index += 1;
    const run = runs[index];
    if ((run === undefined || run.from > id) && strays.length < MOST_STRAYS) strays.push(id);
  }
}
