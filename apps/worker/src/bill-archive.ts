import { createReadStream } from 'node:fs';
import type { BillArchive } from '@yunshang/billing';
import type { Storage } from '@yunshang/pipeline';

/** Bills in the private bucket, beside the members' files and never under their prefix: no member can be given an address of one. */
export function billArchive(storage: Pick<Storage, 'write'>): BillArchive {
  return {
    keep: (key, { path, bytes }) =>
      storage.write(key, { body: createReadStream(path), bytes, contentType: 'application/gzip' }),
  };
}
