import { createHash } from 'node:crypto';
import type { RawRow } from '@yunshang/db';

export type RowSum = {
  add(row: RawRow): void;
  end(): { rows: number; sha256: string };
};

const FLUSH_BYTES = 65_536;
const NULL = 0xff_ff_ff_ff;

/** Counts rows and hashes every value of them, the computed ones too: each with its length before it, in the order they come. */
export function rowSum(): RowSum {
  const hash = createHash('sha256');
  let parts: Buffer[] = [];
  let bytes = 0;
  let rows = 0;
  const flush = (): void => {
    hash.update(Buffer.concat(parts));
    parts = [];
    bytes = 0;
  };
  return {
    add: (row) => {
      rows += 1;
      const lengths = Buffer.alloc(4 * row.length);
      parts.push(lengths);
      for (const [index, value] of row.entries()) {
        lengths.writeUInt32BE(value === null ? NULL : value.length, 4 * index);
        if (value !== null) parts.push(value);
        bytes += 4 + (value?.length ?? 0);
      }
      if (bytes >= FLUSH_BYTES) flush();
    },
    end: () => {
      flush();
      return { rows, sha256: hash.digest('hex') };
    },
  };
}
