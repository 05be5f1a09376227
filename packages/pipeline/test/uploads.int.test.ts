import { newId, systemClock } from '@yunshang/db';
import { makeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import COS from 'cos-nodejs-sdk-v5';
import sharp from 'sharp';
import type { BeginUpload } from '@yunshang/contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAssets, createUploads, type Assets, type Uploads } from '../src/index.ts';
import { film } from './films.ts';
import { ahead, cosSettings, createRig, type Rig } from './rig.ts';

let rig: Rig;
let uploads: Uploads;
let assets: Assets;
beforeAll(async () => {
  rig = await createRig();
  const deps = { db: rig.database.db, clock: systemClock, storage: rig.storage };
  uploads = createUploads(deps);
  assets = createAssets(deps);
});
afterAll(() => rig.close());

const member = async (): Promise<string> => (await makeMember(rig.database.db)).userId;

/** Uploads as a browser would, with the temporary keys. Gives the vendor's refusal, if any. */
async function put(
  grant: BeginUpload,
  bytes: Buffer,
  as: { contentType?: string; key?: string } = {},
): Promise<string | undefined> {
  const { bucket, region, domain = '', timeoutMs } = cosSettings(rig.sandbox);
  const { secretId, secretKey, sessionToken } = grant.credentials;
  const cos = new COS({
    SecretId: secretId,
    SecretKey: secretKey,
    SecurityToken: sessionToken,
    Domain: domain,
    Protocol: 'http:',
    Timeout: timeoutMs,
  });
  try {
    await cos.putObject({
      Bucket: bucket,
      Region: region,
      Key: as.key ?? grant.signedPath.slice(1),
      Body: bytes,
      ContentType: as.contentType ?? grant.contentType,
    });
    return undefined;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
  }
}

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c0a080' } });

async function uploaded(userId: string, bytes: Buffer, contentType: BeginUpload['contentType'] = 'image/jpeg') {
  const grant = await uploads.begin(userId, { contentType, sizeBytes: bytes.length });
  expect(await put(grant, bytes)).toBeUndefined();
  return grant;
}

test('a picture is uploaded straight to storage, judged by its bytes and listed', async () => {
  const userId = await member();
  const bytes = await plain(600, 800).jpeg().toBuffer();
  const grant = await uploaded(userId, bytes);
  expect(grant.signedPath).toContain(`/u/${userId}/`);

  const asset = await uploads.complete(userId, grant.assetId);
  expect(asset).toMatchObject({ id: grant.assetId, kind: 'upload', width: 600, height: 800, bytes: bytes.length });
  expect(await uploads.complete(userId, grant.assetId)).toEqual(asset);

  const { url } = await assets.download(userId, grant.assetId);
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

test('a film is uploaded like a picture; its size and length come from its bytes', async () => {
  const userId = await member();
  const bytes = film(2);
  const grant = await uploaded(userId, bytes, 'video/mp4');
  const asset = await uploads.complete(userId, grant.assetId);
  expect(asset).toMatchObject({ contentType: 'video/mp4', width: 240, height: 320, durationMs: 2_000 });
});

test('the keys open one object of one size and type, and nothing once it is accepted', async () => {
  const userId = await member();
  const bytes = await plain(600, 600).jpeg().toBuffer();
  const grant = await uploads.begin(userId, { contentType: 'image/jpeg', sizeBytes: bytes.length });
  expect(await put(grant, Buffer.concat([bytes, Buffer.from('x')]))).toBe('AccessDenied');
  expect(await put(grant, bytes, { contentType: 'text/html' })).toBe('AccessDenied');
  expect(await put(grant, bytes, { key: `u/${userId}/uploads/other.jpg` })).toBe('AccessDenied');
  expect(await put(grant, bytes)).toBeUndefined();
  await uploads.complete(userId, grant.assetId);

  const swapped = Buffer.from(bytes).fill(0, bytes.length - 64);
  expect(await put(grant, swapped)).toBeUndefined();
  const { url } = await assets.download(userId, grant.assetId);
  const stored = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(stored.equals(bytes)).toBe(true);
});

test.each([
  ['nothing but zeros', async () => Buffer.alloc(5_000), 'image/jpeg', 'unsupported_format'],
  ['too small a picture', () => plain(400, 800).jpeg().toBuffer(), 'image/jpeg', 'too_small'],
  ['a PNG announced as JPEG', () => plain(600, 600).png().toBuffer(), 'image/jpeg', 'type_differs'],
  ['a GIF', () => plain(600, 600).gif().toBuffer(), 'image/png', 'unsupported_format'],
  ['a page of HTML', async () => Buffer.from('<html><script>1</script></html>'), 'image/png', 'unsupported_format'],
  ['a picture announced as a film', () => plain(600, 600).jpeg().toBuffer(), 'video/mp4', 'film_unsupported'],
  ['a film announced as a picture', async () => film(), 'image/jpeg', 'unsupported_format'],
  [
    'a film in fragments',
    async () => film(1, '-movflags', '+frag_keyframe+empty_moov'),
    'video/mp4',
    'film_unsupported',
  ],
  ['a film cut off', async () => film().subarray(0, 3_000), 'video/mp4', 'film_damaged'],
] as const)('%s is refused, with the reason, twice the same', async (_what, make, contentType, reason) => {
  const userId = await member();
  const grant = await uploaded(userId, await make(), contentType);
  const refusal = {
    code: 'IMAGE_REFUSED',
    details: { field: 'file', reason, issues: [{ field: 'file', rule: reason }] },
  };
  await expect(uploads.complete(userId, grant.assetId)).rejects.toMatchObject(refusal);
  await expect(uploads.complete(userId, grant.assetId)).rejects.toMatchObject(refusal);
  await expect(assets.download(userId, grant.assetId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
});

test('a cut-off picture and one with something behind it are refused', async () => {
  const userId = await member();
  const bytes = await sharp(rig.garment).jpeg().toBuffer();
  for (const bad of [
    bytes.subarray(0, Math.trunc(bytes.length / 2)),
    Buffer.concat([bytes, Buffer.from('PK\u0003\u0004 and a zip archive, or a script: <script>alert(1)</script>')]),
  ]) {
    const grant = await uploaded(userId, bad);
    await expect(uploads.complete(userId, grant.assetId)).rejects.toMatchObject({ code: 'IMAGE_REFUSED' });
  }
});

test('completing before the file is there says so, and works afterwards', async () => {
  const userId = await member();
  const bytes = await plain(600, 600).webp().toBuffer();
  const grant = await uploads.begin(userId, { contentType: 'image/webp', sizeBytes: bytes.length });
  await expect(uploads.complete(userId, grant.assetId)).rejects.toMatchObject({ code: 'UPLOAD_MISSING' });
  await put(grant, bytes);
  expect(await uploads.complete(userId, grant.assetId)).toMatchObject({ contentType: 'image/webp' });
});

test('nobody completes, sees or downloads the file of somebody else', async () => {
  const [owner, stranger] = [await member(), await member()];
  const grant = await uploaded(owner, await plain(600, 600).jpeg().toBuffer());
  await expect(uploads.complete(stranger, grant.assetId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  await uploads.complete(owner, grant.assetId);
  await expect(assets.download(stranger, grant.assetId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  await expect(uploads.complete(owner, newId())).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
});

test('a proxy named in the environment is not used for storage', async () => {
  vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9');
  try {
    const userId = await member();
    const grant = await uploads.begin(userId, { contentType: 'image/png', sizeBytes: 10 });
    expect(await rig.storage.head(grant.signedPath.slice(1))).toBeUndefined();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('ten completions at once accept the file once', async () => {
  const userId = await member();
  const grant = await uploaded(userId, await plain(600, 600).jpeg().toBuffer());
  const answers = await Promise.all(Array.from({ length: 10 }, () => uploads.complete(userId, grant.assetId)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test('storage that is away is our trouble, not the picture', async () => {
  const userId = await member();
  const grant = await uploaded(userId, await plain(600, 600).jpeg().toBuffer());
  await rig.sandbox.control.fault({ vendor: 'cos', kind: 'error', times: 'always' });
  await rig.sandbox.control.fault({ vendor: 'sts', kind: 'error' });
  const unavailable = { code: 'STORAGE_UNAVAILABLE' };
  await expect(uploads.complete(userId, grant.assetId)).rejects.toMatchObject(unavailable);
  await expect(uploads.begin(userId, { contentType: 'image/png', sizeBytes: 9 })).rejects.toMatchObject(unavailable);
  await rig.sandbox.control.clearFaults();
  expect(await uploads.complete(userId, grant.assetId)).toMatchObject({ id: grant.assetId });
});

test('what was begun and never accepted is removed after a day', async () => {
  const userId = await member();
  const kept = await uploaded(userId, await plain(600, 600).jpeg().toBuffer());
  await uploads.complete(userId, kept.assetId);
  const dropped = await uploaded(userId, Buffer.alloc(2_000));
  const tomorrow = createUploads({ db: rig.database.db, clock: ahead(86_400_001), storage: rig.storage });
  expect(await uploads.sweep()).toBe(0);
  expect(await tomorrow.sweep()).toBeGreaterThanOrEqual(1);
  expect(await rig.storage.head(dropped.signedPath.slice(1))).toBeUndefined();
  await expect(uploads.complete(userId, dropped.assetId)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  expect(await assets.download(userId, kept.assetId)).toMatchObject({ url: expect.any(String) });
});

test('one run removes all that was left behind, however much it is', async () => {
  const userId = await member();
  const row = () => {
    const id = newId();
    const created_at = new Date(Date.now() - 2 * 86_400_000);
    return { id, user_id: userId, object_key: `u/${userId}/incoming/${id}.png`, created_at };
  };
  await rig.database.db
    .insertInto('assets')
    .values(
      Array.from({ length: 150 }, () => ({
        ...row(),
        kind: 'upload' as const,
        status: 'pending' as const,
        content_type: 'image/png',
        bytes: 9,
      })),
    )
    .execute();
  expect(await uploads.sweep()).toBe(150);
  expect(await uploads.sweep()).toBe(0);
});

test('files are listed newest first, a page at a time, by kind', async () => {
  const userId = await member();
  const bytes = await plain(500, 500).png().toBuffer();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const grant = await uploaded(userId, bytes, 'image/png');
    ids.push((await uploads.complete(userId, grant.assetId)).id);
  }
  const first = await assets.list(userId, { kind: 'upload', limit: 2 });
  expect(first.items.map((item) => item.id)).toEqual([ids[2], ids[1]]);
  const second = await assets.list(userId, { kind: 'upload', limit: 2, cursor: first.nextCursor ?? '' });
  expect(second.items.map((item) => item.id)[0]).toBe(ids[0]);
  expect(second.nextCursor).toBeNull();
  expect((await assets.list(userId, { kind: 'result', limit: 2 })).items).toEqual([]);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
