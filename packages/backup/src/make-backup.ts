import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { openRaw, type RawSession } from '@yunshang/db';
import type { BackupPlace } from './keep/backup-place.ts';
import { backupName, toRemove, type Keep } from './keep/rotation.ts';
import { sealChunks, type BackupKey } from './sealed/sealed-chunks.ts';
import { encodeFrame, type About, type Sums } from './snapshot/frame.ts';
import { type OnProgress, readSnapshot } from './snapshot/read-snapshot.ts';

/** What lies beside a backup, to be read without its key: what it holds, and the sum of the file. */
export type Manifest = {
  name: string;
  takenAt: string;
  server: string;
  keyVersion: number;
  bytes: number;
  sha256: string;
  rows: Record<string, number>;
};

export type BackupDeps = {
  databaseUrl: string;
  /** Seals; its number is in the file. */
  key: BackupKey;
  /** Where the file grows until it is whole. */
  workFolder: string;
  place: BackupPlace;
  keep: Keep;
};

/** Backs the database up as it stands now, and then removes the backups that nothing keeps any more. */
export async function makeBackup(
  deps: BackupDeps,
  onProgress?: OnProgress,
): Promise<{ manifest: Manifest; removed: string[] }> {
  await mkdir(deps.workFolder, { recursive: true, mode: 0o700 });
  const part = join(deps.workFolder, `.${process.pid}-${Date.now()}.part`);
  const raw = openRaw(deps.databaseUrl);
  try {
    const written = await raw.session((session) => writeFile(session, { part, key: deps.key, onProgress }));
    const manifest = manifestOf(written, deps.key);
    await deps.place.take(manifest.name, part);
    await deps.place.write(`${manifest.name}.json`, `${JSON.stringify(manifest, undefined, 2)}\n`);
    const removed = toRemove(await deps.place.list(), deps.keep);
    for (const name of removed) {
      await deps.place.remove(name);
      await deps.place.remove(`${name}.json`);
    }
    return { manifest, removed };
  } finally {
    await rm(part, { force: true });
    await raw.close();
  }
}

type WrittenFile = { about: About; sums: Sums; bytes: number; sha256: string };

async function writeFile(
  session: RawSession,
  { part, key, onProgress }: { part: string; key: BackupKey; onProgress: OnProgress | undefined },
): Promise<WrittenFile> {
  let about: About | undefined;
  let sums: Sums | undefined;
  const hash = createHash('sha256');
  let bytes = 0;
  async function* frames(): AsyncGenerator<Buffer> {
    for await (const frame of readSnapshot(session, onProgress)) {
      if (frame.kind === 'about') ({ about } = frame);
      if (frame.kind === 'sums') ({ sums } = frame);
      yield encodeFrame(frame);
    }
  }
  async function* summed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of sealChunks(source, key)) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  await pipeline(Readable.from(frames()), createZstdCompress(), summed, createWriteStream(part, { mode: 0o600 }));
  const file = await open(part, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  if (about === undefined || sums === undefined) throw new Error('the database gave nothing to back up');
  return { about, sums, bytes, sha256: hash.digest('hex') };
}

function manifestOf({ about, sums, bytes, sha256 }: WrittenFile, key: BackupKey): Manifest {
  return {
    name: backupName(new Date(about.takenAt)),
    takenAt: about.takenAt,
    server: about.server,
    keyVersion: key.version,
    bytes,
    sha256,
    rows: Object.fromEntries(Object.entries(sums).map(([table, { rows }]) => [table, rows])),
  };
}
