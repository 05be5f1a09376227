import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '@yunshang/db';
import { makeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createModeration, createUploads, tencentIms, type Uploads } from '../src/index.ts';
import { film } from './films.ts';
import { ahead, createRig, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterEach(() => rig.sandbox.control.clearFaults());
afterAll(() => rig.close());

function moderation(options: { reviewed?: 'accept' | 'refuse'; clock?: Clock; timeoutMs?: number } = {}) {
  const { tencentSecretId, tencentSecretKey } = rig.sandbox.settings;
  const moderator = tencentIms({
    secretId: tencentSecretId,
    secretKey: tencentSecretKey,
    region: 'ap-guangzhou',
    timeoutMs: options.timeoutMs ?? 5_000,
    apiEndpoint: new URL(rig.sandbox.url).host,
    apiProtocol: 'http://',
  });
  const clock = options.clock ?? systemClock;
  return createModeration({ db: rig.database.db, clock, moderator, reviewed: options.reviewed ?? 'refuse' });
}

const uploadsWith = (options: Parameters<typeof moderation>[0] = {}): Uploads =>
  createUploads({
    db: rig.database.db,
    clock: options.clock ?? systemClock,
    storage: rig.storage,
    moderation: moderation(options),
  });

let shade = 0;
/** A picture nobody has seen. */
function picture(): Promise<Buffer> {
  shade += 1;
  const background = { r: shade * 13, g: 120, b: 200 };
  return sharp({ create: { width: 500, height: 500, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

/** An upload whose bytes are in the bucket and not yet judged. */
async function arrived(
  uploads: Uploads,
  bytes: Buffer,
  contentType: 'image/jpeg' | 'video/mp4' = 'image/jpeg',
): Promise<{ userId: string; assetId: string }> {
  const { userId } = await makeMember(rig.database.db);
  const { assetId, signedPath } = await uploads.begin(userId, { contentType, sizeBytes: bytes.length });
  await rig.storage.put(signedPath.slice(1), bytes, contentType);
  return { userId, assetId };
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const says = (bytes: Buffer, suggestion: 'Pass' | 'Review' | 'Block') =>
  rig.sandbox.control.moderationVerdict({ sha256: sha256(bytes).toString('hex'), suggestion });
const paidFor = (userId: string) =>
  rig.database.db
    .selectFrom('cost_entries')
    .select(['item', 'amount_micro_yuan as microYuan', 'task_id as taskId', 'feature_id as featureId'])
    .where('user_id', '=', userId)
    .where('vendor', '=', 'tencent_ims')
    .orderBy('id')
    .execute();
const look = { item: 'tencent_ims:picture', microYuan: 2_500 };
const verdictsOn = (bytes: Buffer) =>
  rig.database.db.selectFrom('moderation_results').selectAll().where('sha256', '=', sha256(bytes)).execute();

test('an upload that passes is kept, and the verdict with it', async () => {
  const uploads = uploadsWith();
  const bytes = await picture();
  const { userId, assetId } = await arrived(uploads, bytes);
  expect(await uploads.complete(userId, assetId)).toMatchObject({ id: assetId });
  expect(await verdictsOn(bytes)).toMatchObject([
    { asset_id: assetId, task_id: null, direction: 'input', verdict: 'pass', reason: 'Normal' },
  ]);
});

test('a refused upload can not be used, says so each time and tells no details', async () => {
  const uploads = uploadsWith();
  const bytes = await picture();
  await says(bytes, 'Block');
  const { userId, assetId } = await arrived(uploads, bytes);
  const refusal = { code: 'CONTENT_REFUSED', details: { field: 'file' } };
  await expect(uploads.complete(userId, assetId)).rejects.toMatchObject(refusal);
  await expect(uploads.complete(userId, assetId)).rejects.toMatchObject(refusal);
  const row = await rig.database.db.selectFrom('assets').select('status').where('id', '=', assetId).execute();
  expect(row).toEqual([{ status: 'refused' }]);
  const member = { userId, assetId, sessionId: '', orderId: '', grantId: '', accountId: '' };
  await expect(rig.task(member)).rejects.toMatchObject({ code: expect.stringMatching(/INVALID|NOT_FOUND/) });
  expect(
    await rig.database.db.selectFrom('quota_logs').select('id').where('user_id', '=', userId).execute(),
  ).toHaveLength(1);
});

test("a member's film is looked at from beginning to end, and one that shows what it must not is refused", async () => {
  const uploads = uploadsWith();
  const bytes = film(2);
  const { userId, assetId } = await arrived(uploads, bytes, 'video/mp4');
  expect(await uploads.complete(userId, assetId)).toMatchObject({ id: assetId, durationMs: 2_000 });
  const looked = await rig.database.db
    .selectFrom('moderation_results')
    .select(['sha256', 'verdict'])
    .where('asset_id', '=', assetId)
    .execute();
  expect(looked.length).toBeGreaterThanOrEqual(3);
  // The same pictures in another file, the last of them forbidden by now: a verdict is kept for a month, so it is made old.
  const last = looked.at(-1)?.sha256 ?? Buffer.alloc(0);
  await rig.database.db.deleteFrom('moderation_results').where('sha256', '=', last).execute();
  await rig.sandbox.control.moderationVerdict({ sha256: last.toString('hex'), suggestion: 'Block' });
  const second = await arrived(uploads, Buffer.concat([film(2)]), 'video/mp4');
  await expect(uploads.complete(second.userId, second.assetId)).rejects.toMatchObject({ code: 'CONTENT_REFUSED' });
});

test.each([
  ['accept', true],
  ['refuse', false],
] as const)('what should be looked at by a person follows the setting %s', async (reviewed, kept) => {
  const uploads = uploadsWith({ reviewed });
  const bytes = await picture();
  await says(bytes, 'Review');
  const { userId, assetId } = await arrived(uploads, bytes);
  const outcome = await uploads.complete(userId, assetId).then(
    () => true,
    () => false,
  );
  expect(outcome).toBe(kept);
  expect(await verdictsOn(bytes)).toMatchObject([{ verdict: 'review' }]);
});

const refused = [look, { ...look, microYuan: -look.microYuan }];
test.each([
  ['errs', { kind: 'error' }, refused],
  ['is busy', { kind: 'error', code: 'RequestLimitExceeded' }, refused],
  ['hangs up', { kind: 'drop' }, [look]],
  ['does not answer', { kind: 'timeout' }, [look]],
  ['answers too late', { kind: 'slow', ms: 3_000 }, [look]],
] as const)(
  'while the moderator %s nothing passes; later it does, and each call is booked',
  async (_what, fault, cost) => {
    const uploads = uploadsWith({ timeoutMs: 1_000 });
    const bytes = await picture();
    const { userId, assetId } = await arrived(uploads, bytes);
    await rig.sandbox.control.fault({ vendor: 'ims', times: 'always', ...fault });
    await expect(uploads.complete(userId, assetId)).rejects.toMatchObject({ code: 'MODERATION_UNAVAILABLE' });
    expect(await verdictsOn(bytes)).toEqual([]);
    expect(await paidFor(userId)).toMatchObject(cost);
    await rig.sandbox.control.clearFaults();
    expect(await uploads.complete(userId, assetId)).toMatchObject({ id: assetId });
    expect(await paidFor(userId)).toMatchObject([...cost, look]);
  },
);

const asked = async () => (await rig.sandbox.control.log({ vendor: 'ims' })).length;

test('the same bytes are judged once a month', async () => {
  const bytes = await picture();
  const month = 31 * 86_400_000;
  const before = await asked();
  const paid: unknown[] = [];
  for (const uploads of [uploadsWith(), uploadsWith()]) {
    const { userId, assetId } = await arrived(uploads, bytes);
    await uploads.complete(userId, assetId);
    paid.push(await paidFor(userId));
  }
  expect((await asked()) - before).toBe(1);
  expect(paid).toEqual([[{ ...look, taskId: null, featureId: null }], []]);
  const later = uploadsWith({ clock: ahead(month) });
  await says(bytes, 'Block');
  const { userId, assetId } = await arrived(later, bytes);
  await expect(later.complete(userId, assetId)).rejects.toMatchObject({ code: 'CONTENT_REFUSED' });
});

test('a verdict on an upload is none on a result', async () => {
  const bytes = await picture();
  const known = moderation();
  const { userId, assetId } = await arrived(uploadsWith(), bytes);
  const subject = { direction: 'input', assetId: 'a', objectKey: 'k', userId } as const;
  await uploadsWith().complete(userId, assetId);
  await says(bytes, 'Block');
  expect(await known.allows(subject, { bytes, contentType: 'image/jpeg' })).toBe(true);
  const member = await rig.member();
  const made = { taskId: await rig.task(member), featureId: 'basic_clean' };
  const output = { direction: 'output', ...made, userId: member.userId, objectKey: 'k' } as const;
  expect(await known.allows(output, { bytes, contentType: 'image/jpeg' })).toBe(false);
  expect(await paidFor(member.userId)).toEqual([{ ...look, ...made }]);
});

test('a picture too large for the call is looked at reduced, and one that can not be looked at is blocked', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const large = await sharp({ create: { width: 2_000, height: 2_000, channels: 3, background: '#000', noise } })
    .png()
    .toBuffer();
  expect(large.length).toBeGreaterThan(7_000_000);
  const member = await rig.member();
  const { userId } = member;
  const made = { taskId: await rig.task(member), featureId: 'basic_clean' };
  const subject = { direction: 'output', ...made, userId, objectKey: 'k' } as const;
  expect(await moderation().allows(subject, { bytes: large, contentType: 'image/png' })).toBe(true);
  const tiny = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  expect(await moderation().allows(subject, { bytes: tiny, contentType: 'image/png' })).toBe(false);
  const broken = large.subarray(0, 7_500_000);
  expect(await moderation().allows(subject, { bytes: broken, contentType: 'image/png' })).toBe(false);
  // Only the first was looked at; the second was refused, and nobody was asked about the third.
  expect(await paidFor(userId)).toMatchObject([look, ...refused]);
});

test('a proxy named in the environment is not used', async () => {
  vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
  try {
    const bytes = await picture();
    const { userId, assetId } = await arrived(uploadsWith(), bytes);
    expect(await uploadsWith().complete(userId, assetId)).toMatchObject({ id: assetId });
  } finally {
    vi.unstubAllEnvs();
  }
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
