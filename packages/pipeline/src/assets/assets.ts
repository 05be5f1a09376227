import { AppError, type Asset } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import type { Storage } from '../storage/storage.ts';
import { findAsset, toAsset } from './asset.store.ts';

const DOWNLOAD_TTL_SECONDS = 600;

export type ListAssets = {
  kind: Asset['kind'];
  featureId?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

export type Assets = {
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(userId: string, input: ListAssets): Promise<{ items: Asset[]; nextCursor: string | null }>;
  /** An address that works for 10 minutes. Throws ASSET_NOT_FOUND, also for a file of somebody else. */
  download(userId: string, assetId: string): Promise<{ url: string; expiresAt: string }>;
};

/** A member's own files. */
export function createAssets(deps: { db: Db; clock: Clock; storage: Storage }): Assets {
  const { db, clock, storage } = deps;
  return {
    list: async (userId, input) => {
      let query = db
        .selectFrom('assets')
        .selectAll()
        .where('user_id', '=', userId)
        .where('kind', '=', input.kind)
        .where('status', '=', 'ready')
        .orderBy('id', 'desc')
        .limit(input.limit + 1);
      if (input.cursor !== undefined) query = query.where('id', '<', input.cursor);
      if (input.featureId !== undefined) query = query.where('feature_id', '=', input.featureId);
      const rows = await query.execute();
      const items = rows.slice(0, input.limit).map(toAsset);
      return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null };
    },
    download: async (userId, assetId) => {
      const asset = await findAsset(db, userId, assetId);
      if (asset?.status !== 'ready') throw new AppError('ASSET_NOT_FOUND');
      const { url, expiresAt } = await storage.signedUrl(asset.object_key, {
        ttlSeconds: DOWNLOAD_TTL_SECONDS,
        now: clock.now(),
      });
      return { url, expiresAt: expiresAt.toISOString() };
    },
  };
}
