import { until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { registryOf, type Storage } from '../src/index.ts';
import { quickProvider } from './providers.ts';
import { ahead, createRig, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
beforeEach(async () => {
  await rig.sandbox.control.clearFaults();
  await rig.database.db
    .updateTable('provider_health')
    .set({ status: 'up', consecutive_failures: 0, probe_after: null })
    .execute();
});
afterAll(() => rig.close());

const attempts = (taskId: string) =>
  rig.database.db
    .selectFrom('task_attempts')
    .select(['provider_ref', 'status', 'error_class', 'error_code', 'cost_micro_yuan'])
    .where('task_id', '=', taskId)
    .orderBy('attempt_no')
    .execute();

async function balance(userId: string): Promise<number> {
  const row = await rig.database.db
    .selectFrom('users')
    .select('quota_remaining')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return row.quota_remaining;
}

/** Calls to CI so far for the photo of this member. */
async function mattings(userId: string): Promise<number> {
  const calls = await rig.sandbox.control.log({ vendor: 'ci' });
  return calls.filter((call) => call.ids['key']?.includes(userId)).length;
}

async function noise(): Promise<Buffer> {
  const side = 600;
  const pixels = Buffer.alloc(side * side * 3);
  for (let i = 0, seed = 1; i < pixels.length; i++) {
    seed = (seed * 48_271) % 2_147_483_647;
    pixels[i] = seed % 256;
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

const CI = 'tencent-ci';
const BUILTIN = 'builtin-image-engine';

test('a photo is cut out by CI, put on white, stored, listed and paid for', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  expect(await rig.runner().run({ taskId })).toBe('done');

  const task = await rig.tasks.get(who.userId, taskId);
  expect(task).toMatchObject({
    status: 'succeeded',
    percent: 100,
    stage: { zh: '已完成', en: 'Done' },
    charge: { cost: 1, charged: 1, refunded: false },
    failure: null,
  });
  expect(await balance(who.userId)).toBe(99);
  expect(await attempts(taskId)).toEqual([
    { provider_ref: CI, status: 'succeeded', error_class: null, error_code: null, cost_micro_yuan: 30_000 },
  ]);
  const asset = await rig.database.db
    .selectFrom('assets')
    .selectAll()
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  expect(task.outputs).toEqual([
    { assetId: asset.id, contentType: 'image/jpeg', width: asset.width, height: asset.height },
  ]);
  expect(asset.object_key).toMatch(new RegExp(`^u/${who.userId}/results/${taskId}/`));
  const bytes = (await rig.storage.get(asset.object_key)) ?? Buffer.alloc(0);
  const corner = await sharp(bytes).extract({ left: 0, top: 0, width: 1, height: 1 }).raw().toBuffer();
  expect([...corner]).toEqual([255, 255, 255]);
});

const hasEvents = (taskId: string, count: number) => async (): Promise<boolean> => {
  const rows = await rig.database.db.selectFrom('task_events').select('id').where('task_id', '=', taskId).execute();
  return rows.length >= count;
};

test('what is stored at once is not said to be being stored', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const storage: Storage = { ...rig.storage, put: async () => undefined };
  await rig.runner({ storage }).run({ taskId });
  const events = await rig.tasks.eventsAfter(who.userId, taskId, null);
  expect(events.map(({ event }) => event.percent)).toEqual([0, 10, 100]);
});

test('events tell the whole way in order, and only what follows the last one seen', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  // So slow a storage that somebody would wonder.
  const storage: Storage = {
    ...rig.storage,
    put: async (...asked) => {
      await until(hasEvents(taskId, 3), { what: 'the event that it is being saved' });
      return rig.storage.put(...asked);
    },
  };
  await rig.runner({ storage }).run({ taskId });
  const events = await rig.tasks.eventsAfter(who.userId, taskId, null);
  expect(events.map(({ event }) => [event.status, event.percent, event.stage.en])).toEqual([
    ['pending', 0, 'Received, waiting its turn'],
    ['processing', 10, 'Working on it'],
    ['processing', 90, 'Saving the result'],
    ['succeeded', 100, 'Done'],
  ]);
  const rest = await rig.tasks.eventsAfter(who.userId, taskId, events[1]?.id ?? null);
  expect(rest).toEqual(events.slice(2));
  const stranger = await rig.member();
  await expect(rig.tasks.eventsAfter(stranger.userId, taskId, null)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test.each([
  ['answers 500', { kind: 'error', status: 500 }, 'vendor', 'http_500'],
  ['limits our calls', { kind: 'error', status: 429, code: 'RequestLimitExceeded' }, 'vendor', 'http_429'],
  ['has locked our account', { kind: 'error', status: 403, code: 'AccountArrears' }, 'our_account', 'http_403'],
  ['hangs up', { kind: 'drop' }, 'unknown_outcome', 'no_answer'],
  ['never answers', { kind: 'timeout' }, 'unknown_outcome', 'no_answer'],
  ['delivers a damaged picture', { kind: 'corrupt' }, 'vendor', 'result_corrupt'],
  ['delivers nothing', { kind: 'empty' }, 'vendor', 'result_corrupt'],
])('when CI %s, the built-in engine does the work and the member notices nothing', async (_what, fault, cls, code) => {
  await rig.sandbox.control.fault({ vendor: 'ci', times: 'always', ...fault });
  const who = await rig.member();
  const taskId = await rig.task(who);
  // Little patience only where nothing ever comes: a busy machine is slow at cutting out, too.
  const providers = fault.kind === 'timeout' ? rig.hasty : rig.providers;
  expect(await rig.runner({ providers }).run({ taskId })).toBe('done');
  expect((await rig.tasks.get(who.userId, taskId)).status).toBe('succeeded');
  expect(await attempts(taskId)).toMatchObject([
    { provider_ref: CI, status: 'failed', error_class: cls, error_code: code, cost_micro_yuan: 30_000 },
    { provider_ref: BUILTIN, status: 'succeeded', cost_micro_yuan: 2_000 },
  ]);
  expect(await mattings(who.userId)).toBe(1);
  expect(await balance(who.userId)).toBe(99);
});

test('when CI answers drop by drop, its time is up after all, and what it has done is found and not paid for again', async () => {
  const { db } = rig.database;
  const limit = (seconds: number) =>
    db.updateTable('provider_endpoints').set({ timeout_seconds: seconds }).where('provider_ref', '=', CI).execute();
  await rig.sandbox.control.fault({ vendor: 'ci', kind: 'trickle', ms: 60_000 });
  await limit(1);
  const who = await rig.member();
  const taskId = await rig.task(who);
  const began = performance.now();
  await rig.runner().run({ taskId });
  await limit(20);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(await attempts(taskId)).toMatchObject([{ provider_ref: CI, status: 'succeeded', cost_micro_yuan: 30_000 }]);
  expect(await mattings(who.userId)).toBe(1);
  expect(await balance(who.userId)).toBe(99);
});

test('work that CI did but never answered is found, not paid for again', async () => {
  await rig.sandbox.control.fault({ vendor: 'ci', kind: 'timeout_after_commit' });
  const who = await rig.member();
  const taskId = await rig.task(who);
  await rig.runner({ providers: rig.hasty }).run({ taskId });
  expect(await attempts(taskId)).toMatchObject([{ provider_ref: CI, status: 'succeeded' }]);
  expect(await mattings(who.userId)).toBe(1);
});

test('a picture nobody can cut out is refunded and named', async () => {
  const who = await rig.member(await noise());
  const taskId = await rig.task(who);
  await rig.runner().run({ taskId });
  expect(await attempts(taskId)).toMatchObject([
    { provider_ref: CI, error_code: 'not_cut_out' },
    { provider_ref: BUILTIN, error_code: 'not_cut_out' },
  ]);
  expect(await rig.tasks.get(who.userId, taskId)).toMatchObject({
    status: 'failed',
    failure: { code: 'IMAGE_NOT_CUT_OUT' },
    charge: { cost: 1, charged: 0, refunded: true, zh: '未扣除配额', en: 'You were not charged' },
    outputs: [],
  });
  expect(await balance(who.userId)).toBe(100);
});

test('when one provider is down and the other can not, the member is told to try again, and is not charged', async () => {
  await rig.sandbox.control.fault({ vendor: 'ci', kind: 'error', times: 'always' });
  const who = await rig.member(await noise());
  const taskId = await rig.task(who);
  await rig.runner().run({ taskId });
  await rig.runner().run({ taskId });
  expect(await rig.tasks.get(who.userId, taskId)).toMatchObject({
    status: 'failed',
    failure: { code: 'PROVIDER_FAILED' },
    charge: { charged: 0, refunded: true },
  });
  expect(await balance(who.userId)).toBe(100);
});

test('a photo that is gone fails the task without a call too many', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  await rig.storage.delete(`u/${who.userId}/uploads/${who.assetId}.jpg`);
  await rig.runner().run({ taskId });
  expect(await rig.tasks.get(who.userId, taskId)).toMatchObject({
    status: 'failed',
    failure: { code: 'INPUT_GONE' },
    charge: { refunded: true },
  });
  expect(await attempts(taskId)).toHaveLength(1);
});

test('a dead primary is left alone after three failures, and tried by one call after a pause', async () => {
  await rig.sandbox.control.fault({ vendor: 'ci', kind: 'error', times: 'always' });
  const providers = registryOf([rig.provider(CI), quickProvider(BUILTIN, rig.garment)]);
  const runOne = async (clock = ahead(0)): Promise<number> => {
    const who = await rig.member();
    await rig.runner({ clock, providers }).run({ taskId: await rig.task(who) });
    return mattings(who.userId);
  };
  expect([await runOne(), await runOne(), await runOne(), await runOne()]).toEqual([1, 1, 1, 0]);
  const health = await rig.database.db
    .selectFrom('provider_health')
    .select(['status', 'consecutive_failures'])
    .where('provider_ref', '=', CI)
    .executeTakeFirst();
  expect(health).toEqual({ status: 'down', consecutive_failures: 3 });

  await rig.sandbox.control.clearFaults();
  expect(await runOne()).toBe(0);
  expect(await runOne(ahead(31_000))).toBe(1);
  expect(await runOne()).toBe(1);
}, 60_000);

test('while storage is away the task waits, and is done once it is back', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  await rig.sandbox.control.fault({ vendor: 'cos', kind: 'error', times: 'always', match: { action: 'GetObject' } });
  expect(await rig.runner().run({ taskId })).toMatchObject({ againAt: expect.any(Date) });
  expect((await rig.tasks.get(who.userId, taskId)).status).toBe('processing');
  await rig.sandbox.control.clearFaults();
  expect(await rig.runner().run({ taskId })).toBe('done');
  expect((await rig.tasks.get(who.userId, taskId)).status).toBe('succeeded');
  expect(await mattings(who.userId)).toBe(1);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
