import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { AppError, type BatchZip, type JobPayload } from '@yunshang/contracts';
import { inTransaction, promiseJob, type Clock, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { ZipFile } from 'yazl';
import type { Storage } from '../storage/storage.ts';
import { findZip, listResults, setZip, type ResultRow } from './zip.store.ts';

type ZipDeps = { db: Db; clock: Clock; storage: Storage };

/** A link is used at once or asked for again. */
const LINK_SECONDS = 900;

type Named = ResultRow & { name: string };

/** `03-result.jpg`: the place of the task in its batch, then the output's name. */
function named(results: readonly ResultRow[]): Named[] {
  return results.map((result) => {
    const type = result.object_key.slice(result.object_key.lastIndexOf('.') + 1);
    const place = String(result.place).padStart(2, '0');
    return { ...result, name: `${place}-${result.output_name ?? 'result'}.${type}` };
  });
}

/** The same results have the same file, others another. */
function zipKey(userId: string, batchId: string, results: readonly ResultRow[]): string {
  const digest = createHash('sha256');
  for (const { object_key: key } of results) digest.update(`${key}\n`);
  return `u/${userId}/zips/${batchId}-${digest.digest('hex').slice(0, 16)}.zip`;
}

/** A link to the file of the results there are now; while it is not there its making is promised. */
export async function offerZip(
  deps: ZipDeps & { signals: Pick<Signals, 'nudge'> },
  { userId, batch }: { userId: string; batch: { id: string; zip_key: string | null } },
): Promise<BatchZip> {
  const { db, clock, storage, signals } = deps;
  const results = await listResults(db, batch.id);
  if (results.length === 0) throw new AppError('STATE_CONFLICT', { reason: 'no_results' });
  const key = zipKey(userId, batch.id, results);
  const now = clock.now();
  if (batch.zip_key === key && (await storage.head(key)) !== undefined) {
    const { url, expiresAt } = await storage.signedUrl(key, { ttlSeconds: LINK_SECONDS, now });
    return { status: 'ready', files: results.length, url, expiresAt: expiresAt.toISOString() };
  }
  const promise = { job: 'batch.zip' as const, payload: { batchId: batch.id }, dedupKey: `zip:${batch.id}`, now };
  await inTransaction(db, (tx) => promiseJob(tx, promise));
  signals.nudge();
  return { status: 'preparing', files: results.length, url: null, expiresAt: null };
}

/**
 * Packs the results a batch has now into one file in our bucket. Bytes flow through: memory does not grow with the number or
 * size of the files. Harmless for a batch that is gone, has no results, or has its file already.
 */
export async function makeZip(deps: ZipDeps, { batchId }: JobPayload<'batch.zip'>): Promise<'done'> {
  const { db, clock, storage } = deps;
  const batch = await findZip(db, batchId);
  const results = named(await listResults(db, batchId));
  if (batch === undefined || results.length === 0) return 'done';
  const key = zipKey(batch.user_id, batchId, results);
  if (batch.zip_key === key && (await storage.head(key)) !== undefined) return 'done';
  await pack(storage, key, results);
  await setZip(db, { batchId, key, now: clock.now() });
  if (batch.zip_key !== null && batch.zip_key !== key) await storage.delete(batch.zip_key);
  return 'done';
}

/** Pictures and films are packed already: they are stored as they are, so the length is known before the first byte. */
async function pack(storage: Storage, key: string, results: readonly Named[]): Promise<void> {
  const zip = new ZipFile();
  const body = new PassThrough();
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined); // raced below, but it may come before
  const fail = (error: Error): void => {
    body.destroy();
    broken.reject(new AppError('STORAGE_UNAVAILABLE', {}, { cause: error }));
  };
  zip.on('error', fail);
  body.on('error', fail);
  for (const { name, object_key: from, bytes, created_at: mtime } of results)
    zip.addReadStreamLazy(name, { size: bytes, compress: false, mtime }, (give) => {
      const source = storage.read(from);
      source.on('error', fail);
      give(null, source);
    });
  const length = Promise.withResolvers<number>();
  // The library gives the length; its types do not say so.
  zip.end(undefined, (...told: number[]) => length.resolve(told[0] ?? 0));
  zip.outputStream.pipe(body);
  const written = storage.write(key, { body, bytes: await length.promise, contentType: 'application/zip' });
  await Promise.race([written, broken.promise]);
}
