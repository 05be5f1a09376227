import { AppError, isAppError, type Asset, type BeginUpload } from '@yunshang/contracts';
import { newId, type Clock, type Db } from '@yunshang/db';
import { createVideoLabels, findFfmpeg, LabelFailed } from '@yunshang/labels';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { findAsset, toAsset, type AssetRow } from '../assets/asset.store.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Storage } from '../storage/storage.ts';
import { judgeUpload, type Judgement } from './judge-upload.ts';
import { imageRefused } from './refusal.ts';
import { acceptUpload, insertPending, listAbandoned, markDeleted, refuseUpload } from './upload.store.ts';

export type Uploads = {
  begin(userId: string, input: { contentType: BeginUpload['contentType']; sizeBytes: number }): Promise<BeginUpload>;
  /**
   * Judges the bytes that arrived and has them moderated. Throws UPLOAD_MISSING, IMAGE_REFUSED, CONTENT_REFUSED, ASSET_NOT_FOUND,
   * MODERATION_UNAVAILABLE; repeating it is harmless.
   */
  complete(userId: string, assetId: string): Promise<Asset>;
  /** Removes what was begun and never accepted; gives the number of files. */
  sweep(): Promise<number>;
};

export type UploadsDeps = {
  db: Db;
  clock: Clock;
  storage: Storage;
  /** Pictures are not looked at without it. */
  moderation?: Moderation | undefined;
  /** Takes pictures out of films for the moderator; the program found on this machine when absent. */
  ffmpegPath?: string | undefined;
};

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
};
/** Judging one file holds up to 50 MB and decodes pictures; the rest waits, and is turned away beyond WAITING. */
const JUDGED_AT_ONCE = 4;
const WAITING = 64;
/** Three pictures are taken out of a film. */
const FRAMES_TIMEOUT_MS = 20_000;
const ABANDONED_AFTER_MS = 86_400_000;

/**
 * Browsers upload to `incoming/` with keys for one object. What is accepted is written by us to `uploads/`, from the bytes
 * that were judged: the keys, which live on for minutes, can not change it any more.
 */
export function createUploads(deps: UploadsDeps): Uploads {
  const { db, clock, storage } = deps;
  const gate = bulkhead(JUDGED_AT_ONCE, WAITING);
  return {
    begin: async (userId, { contentType, sizeBytes }) => {
      const now = clock.now();
      const assetId = newId();
      const key = keyOf({ userId, folder: 'incoming', assetId, contentType });
      await insertPending(db, { id: assetId, userId, key, contentType, bytes: sizeBytes, now });
      const grant = await storage.uploadGrant({ key, contentType, bytes: sizeBytes, now });
      return { assetId, contentType, ...grant };
    },
    complete: (userId, assetId) => gate.execute(() => complete(deps, userId, assetId)).catch(busy),
    sweep: async () => {
      const before = new Date(clock.now().getTime() - ABANDONED_AFTER_MS);
      let removed = 0;
      // A page at a time until none is left: what is begun in an hour must not outgrow what an hour's run removes.
      for (;;) {
        const abandoned = await listAbandoned(db, before);
        if (abandoned.length === 0) return removed;
        for (const { id, object_key } of abandoned) {
          await storage.delete(object_key);
          await markDeleted(db, id, clock.now());
        }
        removed += abandoned.length;
      }
    },
  };
}

async function complete(deps: UploadsDeps, userId: string, assetId: string): Promise<Asset> {
  const asset = await getUpload(deps.db, userId, assetId);
  if (asset.status === 'ready') return toAsset(asset);
  try {
    return await settle(deps, asset, await judgeUpload(deps.storage, asset));
  } catch (error) {
    if (!isAppError(error, 'UPLOAD_MISSING')) throw error;
    // Another completion may have accepted it meanwhile and moved the object away.
    const now = await getUpload(deps.db, userId, assetId);
    if (now.status !== 'ready') throw error;
    return toAsset(now);
  }
}

async function settle(deps: UploadsDeps, asset: AssetRow, judgement: Judgement): Promise<Asset> {
  const { db, storage, moderation } = deps;
  if (judgement.kind === 'accepted' && moderation !== undefined)
    await assertAllowed(deps, moderation, { asset, judgement });
  if (judgement.kind === 'refused' || asset.status === 'refused') {
    await refuseUpload(db, asset.id);
    throw judgement.kind === 'refused' ? judgement.error : imageRefused('corrupt');
  }
  const key = keyOf({ userId: asset.user_id, folder: 'uploads', assetId: asset.id, contentType: asset.content_type });
  await storage.put(key, judgement.bytes, asset.content_type);
  await acceptUpload(db, { id: asset.id, key, sha256: judgement.sha256, facts: judgement.facts });
  await storage.delete(asset.object_key).catch(() => undefined); // only tidiness: nothing points at it any more
  const settled = await getUpload(db, asset.user_id, asset.id);
  if (settled.status !== 'ready') throw imageRefused('corrupt');
  return toAsset(settled);
}

/** Before the file can be used, so before anything is charged. */
async function assertAllowed(
  { db, ffmpegPath }: UploadsDeps,
  moderation: Moderation,
  { asset, judgement }: { asset: AssetRow; judgement: Extract<Judgement, { kind: 'accepted' }> },
): Promise<void> {
  const { id: assetId, object_key: objectKey, user_id: userId } = asset;
  const subject = { direction: 'input', assetId, objectKey, userId } as const;
  for (const picture of await picturesOf({ bytes: judgement.bytes, contentType: asset.content_type }, ffmpegPath))
    if (!(await moderation.allows(subject, picture))) return refuseContent(db, asset.id);
}

/** A film is looked at by pictures from its beginning, middle and end; one that can not be opened is damaged. */
async function picturesOf(
  file: { bytes: Buffer; contentType: string },
  ffmpegPath: string = findFfmpeg(),
): Promise<{ bytes: Buffer; contentType: string }[]> {
  if (file.contentType !== 'video/mp4') return [file];
  try {
    const frames = await createVideoLabels({ ffmpegPath, timeoutMs: FRAMES_TIMEOUT_MS }).frames(file.bytes);
    return frames.map((bytes) => ({ bytes, contentType: 'image/png' }));
  } catch (error) {
    if (error instanceof LabelFailed) throw imageRefused('corrupt', { cause: error });
    throw error;
  }
}

async function refuseContent(db: Db, assetId: string): Promise<never> {
  await refuseUpload(db, assetId);
  throw new AppError('CONTENT_REFUSED', { field: 'file' });
}

async function getUpload(db: Db, userId: string, assetId: string): Promise<AssetRow> {
  const asset = await findAsset(db, userId, assetId);
  if (asset?.kind !== 'upload') throw new AppError('ASSET_NOT_FOUND');
  return asset;
}

function keyOf(file: { userId: string; folder: string; assetId: string; contentType: string }): string {
  return `u/${file.userId}/${file.folder}/${file.assetId}.${EXTENSIONS[file.contentType] ?? 'bin'}`;
}

function busy(error: unknown): never {
  if (error instanceof BulkheadRejectedError) throw new AppError('SERVICE_UNAVAILABLE', {}, { cause: error });
  throw error;
}
