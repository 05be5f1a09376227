import { newId } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registryOf, type Provider } from '../src/index.ts';
import { ahead, createRig, type Rig } from './rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  const { db } = rig.database;
  await db.updateTable('feature_definitions').set({ is_enabled: 1 }).where('feature_id', '=', 'model_pose12').execute();
  await db.updateTable('provider_endpoints').set({ is_enabled: 1 }).execute();
});

afterAll(() => rig.close());

test('a task that waits for a vendor says so once, in both languages, and goes on from there to the end', async () => {
  let isReady = false;
  const picture = { bytes: rig.garment, contentType: 'image/jpeg', width: 10, height: 10 };
  const vendor: Provider = {
    ref: 'runninghub-a',
    background: {
      submit: async ({ attemptId }) => ({ vendorRef: attemptId }),
      check: async () =>
        isReady
          ? {
              status: 'SUCCESS',
              collect: async () => ({ output: {}, files: { images: Array.from({ length: 12 }, () => picture) } }),
            }
          : { status: 'RUNNING' },
      unknownMs: 60_000,
      stop: async () => ({ billed: false }),
    },
  };
  const providers = registryOf([vendor]);
  const who = await rig.member();
  const input = { photo: who.assetId, modelGender: 'female', scene: 'studio' };
  const wish = { userId: who.userId, featureId: 'model_pose12', input, idempotencyKey: newId() };
  const { id: taskId } = await rig.intake.create(wish);
  for (const seconds of [0, 11, 22, 33]) {
    const outcome = await rig.runner({ providers, clock: ahead(seconds * 1000) }).run({ taskId });
    expect(outcome).toEqual({ againAt: expect.any(Date) });
  }
  expect(await rig.tasks.get(who.userId, taskId)).toMatchObject({
    status: 'processing',
    percent: 20,
    stage: { zh: '制作中，需要一些时间', en: 'In the making; this takes a while' },
  });
  isReady = true;
  expect(await rig.runner({ providers, clock: ahead(44_000) }).run({ taskId })).toBe('done');
  const events = await rig.tasks.eventsAfter(who.userId, taskId, null);
  expect(events.map(({ event }) => [event.status, event.percent])).toEqual([
    ['pending', 0],
    ['processing', 10],
    ['processing', 20],
    ['succeeded', 100],
  ]);
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
