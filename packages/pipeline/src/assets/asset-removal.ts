import type { JobPayload } from '@yunshang/contracts';
import { inTransaction, promiseJob, type Clock, type Db } from '@yunshang/db';
import { sql } from 'kysely';
import type { Storage } from '../storage/storage.ts';
import { isBeingUsed, lockAsset, markRemoved } from './asset.store.ts';

export type AssetRemoval = {
  /** Deletes the objects of a file that is deleted; harmless again. Throws while storage is away. */
  run(payload: JobPayload<'asset.remove'>): Promise<void>;
  /** Removes uploads that came to nothing; gives their number. */
  sweep(): Promise<number>;
};

const DAY_MS = 86_400_000;
/** An upload that no task made use of is kept this long, counted from the end of the last task that tried. */
const KEPT_MS = 7 * DAY_MS;
/** An upload is looked at for this long; one that a task has made use of stays with the member. */
const LOOKED_AT_MS = 60 * DAY_MS;
const PAGE = 200;

export function createAssetRemoval(deps: { db: Db; clock: Clock; storage: Storage }): AssetRemoval {
  const { db, clock, storage } = deps;
  return {
    run: async ({ assetId }) => {
      const asset = await db
        .selectFrom('assets')
        .select(['status', 'object_key', 'unlabelled_key'])
        .where('id', '=', assetId)
        .executeTakeFirst();
      if (asset?.status !== 'deleted') return;
      await storage.delete(asset.object_key);
      if (asset.unlabelled_key !== null) await storage.delete(asset.unlabelled_key);
    },
    sweep: async () => {
      let removed = 0;
      let after = '';
      for (;;) {
        const page = await listFruitless(db, { now: clock.now(), after });
        for (const asset of page) if (await remove(deps, asset)) removed += 1;
        after = page.at(-1)?.id ?? '';
        if (page.length < PAGE) return removed;
      }
    },
  };
}

type Upload = { id: string; user_id: string };

/** Uploads for which there is no task but such as failed or were cancelled long ago. */
function listFruitless(db: Db, at: { now: Date; after: string }): Promise<Upload[]> {
  const before = new Date(at.now.getTime() - KEPT_MS);
  return db
    .selectFrom('assets as a')
    .select(['a.id', 'a.user_id'])
    .where('a.status', '=', 'ready')
    .where('a.kind', '=', 'upload')
    .where('a.created_at', '<', before)
    .where('a.created_at', '>', new Date(at.now.getTime() - LOOKED_AT_MS))
    .where('a.id', '>', at.after)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('tasks as t')
            .select('t.id')
            .whereRef('t.user_id', '=', 'a.user_id')
            .where(sql<boolean>`t.input LIKE CONCAT('%', a.id, '%')`)
            .where((t) =>
              t.or([t('t.status', 'in', ['pending', 'processing', 'succeeded']), t('t.finished_at', '>=', before)]),
            ),
        ),
      ),
    )
    .orderBy('a.id')
    .limit(PAGE)
    .execute();
}

function remove({ db, clock }: { db: Db; clock: Clock }, upload: Upload): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const asset = await lockAsset(tx, upload.user_id, upload.id);
    if (asset?.status !== 'ready' || (await isBeingUsed(tx, upload.user_id, upload.id))) return false;
    const now = clock.now();
    await markRemoved(tx, upload.id, now);
    const payload = { assetId: upload.id };
    await promiseJob(tx, { job: 'asset.remove', payload, dedupKey: `asset:${upload.id}`, now });
    return true;
  });
}
