import type { RawColumn, RawRow } from '@yunshang/db';
import type { Source } from './source.ts';

const TAGS = { number: 'n', time: 't', text: 's', bytes: 'b', json: 'j' } as const;

/**
 * Writes the canonical bytes of a row behind what the buffer holds already and returns where they end: for each column that is
 * not NULL, in the order of the names, a letter for its kind, the name and the value, each with its length before it. A column
 * that is added later is NULL in older rows and changes nothing; one that somebody fills afterwards does.
 */
export type RowWriter = (row: RawRow, into: GrowingBuffer, at: number) => number;

export type GrowingBuffer = { bytes: Buffer };

/** The writer for rows with these columns. */
export function rowWriter(source: Source, columns: readonly RawColumn[]): RowWriter {
  const cells = columns
    .map((column, index) => ({ index, isJson: source.jsonColumns.includes(column.name), head: headOf(source, column) }))
    .toSorted((one, other) => Buffer.compare(one.head.subarray(3), other.head.subarray(3)));
  return (row, into, from) => {
    let at = from;
    for (const { index, isJson, head } of cells) {
      const stored = row[index];
      if (stored === null || stored === undefined) continue;
      const value = isJson ? canonicalJson(stored) : stored;
      at = room(into, at, head.length + 4 + value.length);
      head.copy(into.bytes, at);
      into.bytes.writeUInt32BE(value.length, at + head.length);
      value.copy(into.bytes, at + head.length + 4);
      at += head.length + 4 + value.length;
    }
    return at;
  };
}

/** A buffer that rows can be written into. */
export function growingBuffer(): GrowingBuffer {
  return { bytes: Buffer.alloc(4096) };
}

function headOf(source: Source, column: RawColumn): Buffer {
  const tag = TAGS[source.jsonColumns.includes(column.name) ? 'json' : column.kind];
  const name = Buffer.from(column.name, 'ascii');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return Buffer.concat([Buffer.from(tag, 'ascii'), length, name]);
}

function room(into: GrowingBuffer, at: number, more: number): number {
  if (at + more > into.bytes.length)
    into.bytes = Buffer.concat([into.bytes.subarray(0, at)], Math.max(2 * into.bytes.length, at + more));
  return at;
}

/**
 * The document with its keys in order and without blanks, since MySQL orders them its own way. A text that says more than that,
 * such as a key given twice, stays as it is.
 */
export function canonicalJson(stored: Buffer): Buffer {
  const text = stored.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    const tight = JSON.stringify(value);
    if (tight === text || tight === withoutBlanks(text)) return Buffer.from(JSON.stringify(inOrder(value)), 'utf8');
  } catch {
    // not JSON: hashed as it stands
  }
  return stored;
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}
