import { newId, systemClock } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  checkOrphans,
  createAssetRemoval,
  createAssets,
  createDelivery,
  registryOf,
  sumKeptBytes,
  type Assets,
  type AssetRemoval,
} from '../src/index.ts';
import { addFeature } from './features.ts';
import { quickProvider } from './providers.ts';
import { ahead, createRig, type Rig } from './rig.ts';

const DAY_MS = 86_400_000;

let rig: Rig;
let assets: Assets;
let removal: AssetRemoval;
beforeAll(async () => {
  rig = await createRig();
  const deps = { db: rig.database.db, clock: systemClock, storage: rig.storage };
  assets = createAssets(deps);
  removal = createAssetRemoval(deps);
  await addFeature(rig.database.db, 'made_by_ai', {
    make: { providerCandidates: ['tencent-ci'], inputMapping: { image: '${input_data.photo}' } },
  });
});
afterAll(() => rig.close());

/** A member with one labelled result. */
async function withResult(): Promise<{ userId: string; uploadId: string; resultId: string }> {
  const member = await rig.member();
  const taskId = await rig.task(member, 'made_by_ai');
  const delivery = createDelivery({ db: rig.database.db, config: { producer: '云裳' } });
  const providers = registryOf([quickProvider('tencent-ci', rig.garment)]);
  expect(await rig.runner({ providers, delivery }).run({ taskId })).toBe('done');
  const [result] = (await assets.list(member.userId, { kind: 'result', limit: 5 })).items;
  return { userId: member.userId, uploadId: member.assetId, resultId: result?.id ?? 'no result' };
}

/** Does what the worker would with the promised removals. */
async function removeObjects(assetId: string): Promise<void> {
  await removal.run({ assetId });
  await removal.run({ assetId });
}

const keysOf = (assetId: string) =>
  rig.database.db
    .selectFrom('assets')
    .select(['object_key', 'unlabelled_key', 'status'])
    .where('id', '=', assetId)
    .executeTakeFirstOrThrow();

const status = async (assetId: string) => (await keysOf(assetId)).status;
const minute = (offset: number): string => new Date(Date.now() + offset * 60_000).toISOString();

test('files are filtered by feature, type and date', async () => {
  const { userId, uploadId, resultId } = await withResult();
  const ids = async (filter: object): Promise<string[]> =>
    (await assets.list(userId, { kind: 'result', limit: 10, ...filter })).items.map(({ id }) => id);
  expect(await ids({ featureId: 'made_by_ai', type: 'image', from: minute(-5), to: minute(5) })).toEqual([resultId]);
  expect(await ids({ type: 'video' })).toEqual([]);
  expect(await ids({ featureId: 'other' })).toEqual([]);
  expect(await ids({ from: minute(5) })).toEqual([]);
  expect(await ids({ to: minute(-5) })).toEqual([]);
  expect(await ids({ kind: 'upload' })).toEqual([uploadId]);
});

test('a file is deleted with its objects, once and for all', async () => {
  const { userId, resultId } = await withResult();
  const before = await keysOf(resultId);
  await assets.remove(userId, resultId);
  await assets.remove(userId, resultId);
  await expect(assets.download(userId, resultId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  expect((await assets.list(userId, { kind: 'result', limit: 5 })).items).toEqual([]);
  const jobs = await rig.database.db
    .selectFrom('outbox')
    .select('payload')
    .where('dedup_key', '=', `asset:${resultId}`)
    .execute();
  expect(jobs).toHaveLength(1);
  await removeObjects(resultId);
  expect(await rig.storage.head(before.object_key)).toBeUndefined();
  expect(await rig.storage.head(before.unlabelled_key ?? '')).toBeUndefined();
});

test('removing objects waits while storage is away, and touches nothing that is not deleted', async () => {
  const { userId, uploadId, resultId } = await withResult();
  await removal.run({ assetId: uploadId });
  expect(await rig.storage.head((await keysOf(uploadId)).object_key)).toBeDefined();
  await assets.remove(userId, resultId);
  await rig.sandbox.control.fault({ vendor: 'cos', kind: 'error', times: 'always' });
  await expect(removal.run({ assetId: resultId })).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  await rig.sandbox.control.clearFaults();
  await removeObjects(resultId);
});

test('nobody deletes the file of somebody else, and none that a task works with', async () => {
  const { resultId } = await withResult();
  const other = await rig.member();
  await expect(assets.remove(other.userId, resultId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  await expect(assets.remove(other.userId, newId())).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  const taskId = await rig.task(other);
  const refusal = { code: 'STATE_CONFLICT', details: { reason: 'in_use' } };
  await expect(assets.remove(other.userId, other.assetId)).rejects.toMatchObject(refusal);
  await rig.tasks.cancel(other.userId, taskId);
  await assets.remove(other.userId, other.assetId);
});

test('the file without its visible label needs consent, which is recorded once', async () => {
  const { userId, uploadId, resultId } = await withResult();
  const consents = () =>
    rig.database.db.selectFrom('label_consents').selectAll().where('asset_id', '=', resultId).execute();
  const ask = (acceptedStatement?: number) =>
    assets.downloadUnlabelled(userId, { assetId: resultId, acceptedStatement });
  await expect(ask()).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
  await expect(ask(99)).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' });
  expect(await consents()).toEqual([]);
  const { url } = await ask(1);
  await ask(1);
  await ask();
  expect(await consents()).toMatchObject([{ user_id: userId, statement_version: 1 }]);
  const [plain, shown] = await Promise.all([bytesOf(url), bytesOf((await assets.download(userId, resultId)).url)]);
  expect(plain.equals(shown)).toBe(false);
  const stranger = await rig.member();
  await expect(
    assets.downloadUnlabelled(stranger.userId, { assetId: resultId, acceptedStatement: 1 }),
  ).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  await expect(assets.downloadUnlabelled(userId, { assetId: uploadId, acceptedStatement: 1 })).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
  });
});

test('through a CDN the address is signed for it, but never that of an unlabelled file', async () => {
  const { userId, resultId } = await withResult();
  const cdn = { baseUrl: 'https://files.example.cn', signing: 'D', key: 'abcdef123456', ttlSeconds: 300 } as const;
  const behind = createAssets({ db: rig.database.db, clock: systemClock, storage: rig.storage, cdn });
  const { url, expiresAt } = await behind.download(userId, resultId);
  expect(url).toMatch(/^https:\/\/files\.example\.cn\/u\/.*\?sign=[0-9a-f]{32}&t=\d+$/);
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(300_000);
  const unlabelled = await behind.downloadUnlabelled(userId, { assetId: resultId, acceptedStatement: 1 });
  expect(unlabelled.url).not.toContain('files.example.cn');
});

test('uploads that came to nothing go after seven days, those that were made use of stay', async () => {
  const used = await withResult();
  const unused = await rig.member();
  const cancelled = await rig.member();
  await rig.tasks.cancel(cancelled.userId, await rig.task(cancelled));
  const open = await rig.member();
  await rig.task(open);
  const sweep = (ms: number) =>
    createAssetRemoval({ db: rig.database.db, clock: ahead(ms), storage: rig.storage }).sweep();
  expect(await sweep(6 * DAY_MS)).toBe(0);
  expect(await sweep(7 * DAY_MS + 60_000)).toBeGreaterThanOrEqual(2);
  expect(await status(unused.assetId)).toBe('deleted');
  expect(await status(cancelled.assetId)).toBe('deleted');
  expect(await status(open.assetId)).toBe('ready');
  expect(await status(used.uploadId)).toBe('ready');
  expect(await status(used.resultId)).toBe('ready');
});

test('objects without a row and rows without an object are found; only old objects are removed', async () => {
  const { userId, resultId } = await withResult();
  const stray = `u/${userId}/uploads/${newId()}.jpg`;
  const passedOn = `u/${userId}/results/${newId()}/0-1-cut.png`;
  await rig.storage.put(stray, Buffer.from('x'), 'image/jpeg');
  await rig.storage.put(passedOn, Buffer.from('x'), 'image/png');
  const { object_key, unlabelled_key } = await keysOf(resultId);
  await rig.storage.delete(object_key);
  const check = (ms: number, remove: boolean) =>
    checkOrphans({ db: rig.database.db, clock: ahead(ms), storage: rig.storage }, { remove });

  const young = await check(0, true);
  expect(young).toMatchObject({ objectsWithoutRow: [], removed: 0 });
  expect(young.rowsWithoutObject).toContainEqual({ assetId: resultId, key: object_key });

  const later = await check(8 * DAY_MS, false);
  const keys = later.objectsWithoutRow.map(({ key }) => key);
  expect(keys).toEqual(expect.arrayContaining([stray, passedOn]));
  expect(keys).not.toContain(unlabelled_key);
  expect(await rig.storage.head(stray)).toBeDefined();

  const swept = await check(8 * DAY_MS, true);
  expect(swept.removed).toBe(keys.length);
  expect(await rig.storage.head(stray)).toBeUndefined();
  expect(await rig.storage.head(unlabelled_key ?? '')).toBeDefined();
});

test('ten deletions and ten acceptances at once are one each', async () => {
  const { userId, resultId } = await withResult();
  const accept = () => assets.downloadUnlabelled(userId, { assetId: resultId, acceptedStatement: 1 });
  await Promise.all(Array.from({ length: 10 }, accept));
  const count = (table: 'label_consents' | 'assets', column: 'asset_id' | 'id') =>
    rig.database.db.selectFrom(table).select('id').where(column, '=', resultId).execute();
  expect(await count('label_consents', 'asset_id')).toHaveLength(1);
  await Promise.all(Array.from({ length: 10 }, () => assets.remove(userId, resultId)));
  const jobs = await rig.database.db
    .selectFrom('outbox')
    .select('id')
    .where('dedup_key', '=', `asset:${resultId}`)
    .execute();
  expect(jobs).toHaveLength(1);
});

test('deleting an input while a task takes it up leaves the quota whole', async () => {
  const providers = registryOf([quickProvider('tencent-ci', rig.garment)]);
  for (let round = 0; round < 5; round++) {
    const member = await rig.member();
    const [created, removed] = await Promise.allSettled([
      rig.task(member),
      assets.remove(member.userId, member.assetId),
    ]);
    if (created.status === 'fulfilled') await rig.runner({ providers }).run({ taskId: created.value });
    const kept = (await status(member.assetId)) === 'ready';
    expect(kept).toBe(removed.status === 'rejected');
    const { quota_remaining: left } = await rig.database.db
      .selectFrom('users')
      .select('quota_remaining')
      .where('id', '=', member.userId)
      .executeTakeFirstOrThrow();
    const works = created.status === 'fulfilled' && kept;
    expect(left).toBe(works ? 99 : 100);
  }
});

/** Whether results of the feature are listed. */
const keep = (saved: 0 | 1) =>
  rig.database.db
    .updateTable('feature_definitions')
    .set({ save_to_asset_library: saved })
    .where('feature_id', '=', 'made_by_ai')
    .execute();

test('a feature may keep its results out of the library', async () => {
  const { userId, resultId } = await withResult();
  await keep(0);
  expect((await assets.list(userId, { kind: 'result', limit: 5 })).items).toEqual([]);
  expect(await assets.download(userId, resultId)).toMatchObject({ url: expect.any(String) });
  await keep(1);
  expect((await assets.list(userId, { kind: 'result', limit: 5 })).items).toHaveLength(1);
});

test('what is kept weighs what its rows say, page after page, and what was deleted nothing', async () => {
  const { db } = rig.database;
  const before = await sumKeptBytes(db);
  const { userId, uploadId, resultId } = await withResult();
  const files = Array.from({ length: 600 }, () => {
    const id = newId();
    const object_key = `u/${userId}/uploads/${id}.jpg`;
    const what = { user_id: userId, kind: 'upload', status: 'ready', content_type: 'image/jpeg' } as const;
    return { ...what, id, object_key, bytes: 1_000, sha256: Buffer.alloc(32), created_at: new Date() };
  });
  await db.insertInto('assets').values(files).execute();
  const own = await db.selectFrom('assets').select(['id', 'bytes']).where('id', 'in', [uploadId, resultId]).execute();
  const weight = (wanted: string): number => own.find(({ id }) => id === wanted)?.bytes ?? 0;
  expect((await sumKeptBytes(db)) - before).toBe(600_000 + weight(uploadId) + 2 * weight(resultId));
  const removed = files.map(({ id }) => id);
  await db
    .updateTable('assets')
    .set({ status: 'deleted', deleted_at: new Date() })
    .where('id', 'in', removed)
    .execute();
  expect((await sumKeptBytes(db)) - before).toBe(weight(uploadId) + 2 * weight(resultId));
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});

async function bytesOf(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}
