import { hash } from 'node:crypto';
import type { RawColumn, RawRow } from '@yunshang/db';
import { growingBuffer, rowWriter } from './row-bytes.ts';
import type { Source } from './source.ts';

/** How rows and blocks are turned into hashes. A change of either is a new number, and the old ones stay readable. */
export const FORMAT = 1;
export const HASH_BYTES = 32;
/** Where the chain begins. */
export const GENESIS = { seq: 0, chainHash: Buffer.alloc(HASH_BYTES) } as const;

/** The last block so far, as the next one builds on it. */
export type Head = { readonly seq: number; readonly chainHash: Buffer };

export type BlockLabel = {
  readonly seq: number;
  readonly source: string;
  readonly rowCount: number;
  /** Rows of the source in all blocks up to this one, and the greatest of their ids. */
  readonly totalRows: number;
  readonly highId: number;
  /** The rows' ids, as encodeRuns writes them. */
  readonly ids: Buffer;
  readonly sealedAt: Date;
};

export type Block = BlockLabel & {
  readonly format: number;
  /** The opening hash and behind it the entry hash of each row. */
  readonly entries: Buffer;
  /** The last of the entries. */
  readonly chainHash: Buffer;
};

/** The hash that a block's first row builds on: of the chain so far and of everything the block says about itself. */
export function openingHash(previous: Buffer, label: BlockLabel): Buffer {
  const text = JSON.stringify([
    'yunshang-audit',
    FORMAT,
    label.seq,
    label.source,
    label.rowCount,
    label.totalRows,
    label.highId,
    label.sealedAt.toISOString(),
  ]);
  return hash('sha256', Buffer.concat([previous, Buffer.from(`${text}\n`, 'utf8'), label.ids]), 'buffer');
}

/** Hashes a row onto the entry before it: SHA-256 of that entry and the row's canonical bytes. */
export type EntryHasher = (previous: Buffer, row: RawRow) => Buffer;

export function entryHasher(source: Source, columns: readonly RawColumn[]): EntryHasher {
  const write = rowWriter(source, columns);
  const buffer = growingBuffer();
  return (previous, row) => {
    previous.copy(buffer.bytes, 0);
    const end = write(row, buffer, HASH_BYTES);
    return hash('sha256', buffer.bytes.subarray(0, end), 'buffer');
  };
}

/** The block that holds these rows behind `previous`. */
export function sealBlock(
  previous: Head,
  label: BlockLabel,
  { source, columns, rows }: { source: Source; columns: readonly RawColumn[]; rows: readonly RawRow[] },
): Block {
  const hashEntry = entryHasher(source, columns);
  let last = openingHash(previous.chainHash, label);
  const entries = [last];
  for (const row of rows) {
    last = hashEntry(last, row);
    entries.push(last);
  }
  return { ...label, format: FORMAT, entries: Buffer.concat(entries), chainHash: last };
}
