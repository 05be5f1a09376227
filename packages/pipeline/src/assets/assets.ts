import { lockUser } from '@yunshang/billing';
import { AppError, LABEL_STATEMENT, type Asset } from '@yunshang/contracts';
import { inTransaction, promiseJob, type Clock, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { cdnUrl, type CdnSettings } from '../storage/cdn-url.ts';
import type { Storage } from '../storage/storage.ts';
import {
  findAsset,
  hasConsent,
  isBeingUsed,
  listReady,
  lockAsset,
  markRemoved,
  recordConsent,
  toAsset,
  type AssetRow,
  type ListAssets,
} from './asset.store.ts';

const DOWNLOAD_TTL_SECONDS = 600;

export type { ListAssets };

export type Download = { url: string; expiresAt: string };

export type Assets = {
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(userId: string, input: ListAssets): Promise<{ items: Asset[]; nextCursor: string | null }>;
  /** An address that works for some minutes. Throws ASSET_NOT_FOUND, also for a file of somebody else. */
  download(userId: string, assetId: string): Promise<Download>;
  /**
   * The same file without the visible label, for who accepts LABEL_STATEMENT, which is recorded; the record inside the file stays.
   * Throws CONSENT_REQUIRED; STATE_CONFLICT when there is no such version; ASSET_NOT_FOUND.
   */
  downloadUnlabelled(
    userId: string,
    input: { assetId: string; acceptedStatement?: number | undefined },
  ): Promise<Download>;
  /**
   * The row at once, its objects soon after; again is harmless. Throws STATE_CONFLICT while a task works with the file,
   * ASSET_NOT_FOUND.
   */
  remove(userId: string, assetId: string): Promise<void>;
};

export type AssetsDeps = {
  db: Db;
  clock: Clock;
  storage: Storage;
  /** Downloads come from the bucket itself without one. */
  cdn?: CdnSettings | undefined;
  signals?: Pick<Signals, 'nudge'>;
};

/** A member's own files. */
export function createAssets(deps: AssetsDeps): Assets {
  const { db } = deps;
  return {
    list: async (userId, input) => {
      const rows = await listReady(db, userId, { ...input, limit: input.limit + 1 });
      const items = rows.slice(0, input.limit).map(toAsset);
      return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null };
    },
    download: async (userId, assetId) => address(deps, (await getReady(db, userId, assetId)).object_key),
    downloadUnlabelled: (userId, input) => downloadUnlabelled(deps, userId, input),
    remove: async (userId, assetId) => {
      await inTransaction(db, async (tx) => {
        // Creating a task locks the member first, so none can take up the file meanwhile.
        await lockUser(tx, userId);
        const asset = await lockAsset(tx, userId, assetId);
        if (asset === undefined) throw new AppError('ASSET_NOT_FOUND');
        if (asset.status === 'deleted') return;
        if (asset.kind === 'upload' && (await isBeingUsed(tx, userId, assetId)))
          throw new AppError('STATE_CONFLICT', { reason: 'in_use' });
        const now = deps.clock.now();
        await markRemoved(tx, assetId, now);
        await promiseJob(tx, { job: 'asset.remove', payload: { assetId }, dedupKey: `asset:${assetId}`, now });
      });
      deps.signals?.nudge();
    },
  };
}

async function downloadUnlabelled(
  deps: AssetsDeps,
  userId: string,
  { assetId, acceptedStatement }: { assetId: string; acceptedStatement?: number | undefined },
): Promise<Download> {
  const { db, clock, storage } = deps;
  const { unlabelled_key: key } = await getReady(db, userId, assetId);
  if (key === null) throw new AppError('STATE_CONFLICT', { reason: 'no_unlabelled_version' });
  const consent = { userId, assetId, statementVersion: LABEL_STATEMENT.version };
  if (acceptedStatement === LABEL_STATEMENT.version) await recordConsent(db, consent, clock.now());
  else if (!(await hasConsent(db, consent))) throw new AppError('CONSENT_REQUIRED');
  // Never through a CDN, whose copies outlive the signature.
  return address({ clock, storage }, key);
}

async function getReady(db: Db, userId: string, assetId: string): Promise<AssetRow> {
  const asset = await findAsset(db, userId, assetId);
  if (asset?.status !== 'ready') throw new AppError('ASSET_NOT_FOUND');
  return asset;
}

async function address(
  { clock, storage, cdn }: Pick<AssetsDeps, 'clock' | 'storage' | 'cdn'>,
  key: string,
): Promise<Download> {
  const now = clock.now();
  if (cdn !== undefined)
    return {
      url: cdnUrl(cdn, key, { now }),
      expiresAt: new Date(now.getTime() + cdn.ttlSeconds * 1000).toISOString(),
    };
  const { url, expiresAt } = await storage.signedUrl(key, { ttlSeconds: DOWNLOAD_TTL_SECONDS, now });
  return { url, expiresAt: expiresAt.toISOString() };
}
