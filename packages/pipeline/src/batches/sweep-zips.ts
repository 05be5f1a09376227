import type { Clock, Db } from '@yunshang/db';
import type { Storage } from '../storage/storage.ts';
import { forgetZip, listOldZips } from './zip.store.ts';

const KEPT_MS = 7 * 24 * 3_600_000;

/** Deletes the files of batches that are a week old; they are made again when asked for. Says how many. */
export async function sweepZips(deps: { db: Db; clock: Clock; storage: Pick<Storage, 'delete'> }): Promise<number> {
  const { db, clock, storage } = deps;
  const old = await listOldZips(db, new Date(clock.now().getTime() - KEPT_MS));
  for (const { id, zip_key: key } of old) {
    if (key !== null) await storage.delete(key);
    await forgetZip(db, id);
  }
  return old.length;
}
