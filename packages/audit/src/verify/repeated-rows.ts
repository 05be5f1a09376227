import { hash } from 'node:crypto';
import type { RawColumn, RawDatabase, RawRow } from '@yunshang/db';
import { growingBuffer, rowWriter } from '../chain/row-bytes.ts';
import type { Source } from '../chain/source.ts';
import { readRuns } from '../chain/source.store.ts';
import type { FindingsList } from './findings-list.ts';

/** Pairs that are looked at; one is enough to know. */
const MOST_PAIRS = 50;

/**
 * Finds rows that say the same as another in everything but their id, in a source that no unique key keeps from it. It holds 16
 * bytes a row; what looks the same by its fingerprint is read again.
 */
export type RepeatedRows = {
  note(id: number, row: RawRow): void;
  check(raw: Pick<RawDatabase, 'read'>, findings: FindingsList): Promise<void>;
};

export function repeatedRows(source: Source, columns: readonly RawColumn[]): RepeatedRows {
  const content = contentOf(source, columns);
  let prints = new Float64Array(1024);
  let ids = new Float64Array(1024);
  let count = 0;
  return {
    note: (id, row) => {
      if (count === prints.length) {
        prints = grown(prints);
        ids = grown(ids);
      }
      prints[count] = content(row).readUIntBE(0, 6);
      ids[count] = id;
      count += 1;
    },
    check: async (raw, findings) => {
      const again = repeatedNumbers(prints.subarray(0, count));
      if (again.size === 0) return;
      const groups = new Map<number, number[]>();
      for (let index = 0; index < count; index += 1) {
        const print = prints[index] ?? 0;
        if (again.has(print)) groups.set(print, [...(groups.get(print) ?? []), ids[index] ?? 0]);
      }
      for (const group of groups.values()) await compare({ raw, source, content, findings }, group);
    },
  };
}

function grown(list: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const more = new Float64Array(2 * list.length);
  more.set(list);
  return more;
}

function repeatedNumbers(list: Float64Array): Set<number> {
  const sorted = Float64Array.from(list).sort();
  const again = new Set<number>();
  for (let index = 1; index < sorted.length && again.size < MOST_PAIRS; index += 1)
    if (sorted[index] === sorted[index - 1]) again.add(sorted[index] ?? 0);
  return again;
}

type Content = (row: RawRow) => Buffer;

function contentOf(source: Source, columns: readonly RawColumn[]): Content {
  const idAt = columns.findIndex((column) => column.name === source.idColumn);
  const write = rowWriter(source, columns);
  const buffer = growingBuffer();
  return (row) => {
    const end = write(
      row.map((value, index) => (index === idAt ? null : value)),
      buffer,
      0,
    );
    return hash('sha256', buffer.bytes.subarray(0, end), 'buffer');
  };
}

async function compare(
  on: { raw: Pick<RawDatabase, 'read'>; source: Source; content: Content; findings: FindingsList },
  group: readonly number[],
): Promise<void> {
  const ascending = group.toSorted((one, other) => one - other);
  const { rows } = await readRuns(
    on.raw,
    on.source,
    ascending.map((id) => ({ from: id, to: id })),
  );
  const first = new Map<string, number>();
  for (const { id, row } of rows) {
    const text = on.content(row).toString('hex');
    const before = first.get(text);
    if (before === undefined) first.set(text, id);
    else on.findings.add('row_repeated', { where: on.source.table, id }, `it says what row ${before} says`);
  }
}
