import { connect } from '@yunshang/db';
import { startStack, until, type Stack } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import type { Task, Yunshang } from '@yunshang/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { member, smallPhoto } from '../src/members.ts';
import { admin, openEverything } from '../src/operate.ts';

let stack: Stack;
let ys: Yunshang;
let photos: string[];

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });
beforeAll(async () => {
  stack = await startStack({ timeScale: 0.001 });
  ys = await member(stack, 'PREMIUM');
  await openEverything(await admin(stack), stack, (await ys.account.get()).accountId);
  await until(async () => (await ys.features.list()).length === 5, { what: 'five features to be seen' });
  const photo = await smallPhoto();
  photos = [(await ys.uploads.put(photo)).id, (await ys.uploads.put(photo)).id];
});
afterAll(async () => stack?.stop());

async function made(featureId: string, input: Parameters<Yunshang['tasks']['create']>[0]['input']): Promise<Task> {
  const task = await ys.tasks.create({ featureId, input });
  return ys.tasks.wait(task.id);
}
const typesOf = (task: Task): string[] => task.outputs.map(({ contentType }) => contentType);

test('model_pose12 delivers twelve pictures', async () => {
  const task = await made('model_pose12', { photo: photos[0] ?? '', modelGender: 'female', scene: 'street' });
  expect(task).toMatchObject({ status: 'succeeded', failure: null, charge: { charged: 4 } });
  expect(typesOf(task)).toEqual(Array.from({ length: 12 }, () => 'image/jpeg'));
});

test('promo_poster delivers a poster of the cut-out', async () => {
  const input = {
    photo: photos[0] ?? '',
    headline: '夏季上新',
    showPrice: true,
    priceText: '¥199',
    background: '#f5f0e8',
  };
  const task = await made('promo_poster', input);
  expect(task).toMatchObject({ status: 'succeeded', failure: null, charge: { charged: 1 } });
  expect(typesOf(task)).toEqual(['image/jpeg']);
});

test('weekly_drop_trailer delivers a film of several pieces', async () => {
  const task = await made('weekly_drop_trailer', {
    photos,
    title: '本周上新',
    secondsPerPiece: 1,
    watermark: '云裳小店',
  });
  expect(task).toMatchObject({ status: 'succeeded', failure: null, charge: { charged: 6 } });
  expect(typesOf(task)).toEqual(['video/mp4']);
});

test('video_generate_beta delivers a film to the account that was invited', async () => {
  const task = await made('video_generate_beta', { photo: photos[0] ?? '', motion: 'turn' });
  expect(task).toMatchObject({ status: 'succeeded', failure: null, charge: { charged: 8 } });
  expect(typesOf(task)).toEqual(['video/mp4']);
});

test('a batch comes as one ZIP, made by the worker, with a file for each result', async () => {
  const inputs = photos.map((photo) => ({ photo }));
  const batch = await ys.batches.create({ featureId: 'basic_clean', inputs });
  const done = await ys.batches.wait(batch.id);
  expect(done.counts).toMatchObject({ succeeded: 2 });
  const { url } = await ys.batches.waitForZip(batch.id, { everyMs: 50 });
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
  expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  // One name in the directory at the end for each file.
  expect(bytes.toString('latin1').split('PK\x01\x02')).toHaveLength(3);
});

test('the books balance after it', async () => {
  const database = connect(stack.databaseUrl);
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
  await database.close();
});
