import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { openRaw } from '@yunshang/db';
import { compareDatabase } from './restore/compare-database.ts';
import { writeSnapshot, type Written } from './restore/write-snapshot.ts';
import { BackupRefused } from './sealed/refused.ts';
import { openChunks, type BackupKey } from './sealed/sealed-chunks.ts';
import { decodeFrames } from './snapshot/frame.ts';
import type { OnProgress } from './snapshot/read-snapshot.ts';

export type Restored = {
  takenAt: Date;
  rows: number;
  tables: number;
  /** What is not as the backup has it; none, or the restore is not to be used. */
  differences: string[];
};

/**
 * Restores a backup into the empty database that the address names, and reads back every value. Throws BackupRefused when the file
 * is damaged, cut, or sealed with another key; what it had written by then is of no use.
 */
export async function restoreBackup(
  { databaseUrl, keys }: { databaseUrl: string; keys: readonly BackupKey[] },
  { file, sha256, onProgress }: { file: Readable; sha256?: string | undefined; onProgress?: OnProgress },
): Promise<Restored> {
  const raw = openRaw(databaseUrl);
  try {
    return await raw.session(async (session) => {
      let written: Written | undefined;
      const hash = createHash('sha256');
      await pipeline(
        file,
        (source: AsyncIterable<Buffer>) => openChunks(hashed(source, hash), keys),
        createZstdDecompress(),
        async (source: AsyncIterable<Buffer>) => {
          written = await writeSnapshot(session, decodeFrames(source), onProgress);
        },
      );
      if (written === undefined) throw new BackupRefused('it is empty');
      if (sha256 !== undefined && hash.digest('hex') !== sha256)
        throw new BackupRefused('it is a whole backup, and not the one its manifest is of');
      const { about, sums } = written;
      return {
        takenAt: new Date(about.takenAt),
        rows: Object.values(sums).reduce((all, { rows }) => all + rows, 0),
        tables: about.tables.length,
        differences: await compareDatabase(session, written),
      };
    });
  } finally {
    await raw.close();
  }
}

async function* hashed(source: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const part of source) {
    hash.update(part);
    yield part;
  }
}
