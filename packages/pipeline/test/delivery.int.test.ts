import { AppError } from '@yunshang/contracts';
import type { MadeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { aigcRecord, createVideoLabels, findFfmpeg, readLabel } from '@yunshang/labels';
import { newId, systemClock } from '@yunshang/db';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createDelivery,
  createModeration,
  registryOf,
  type ProducedFile,
  type ProducedFiles,
  type Provider,
  type Verdict,
} from '../src/index.ts';
import { addFeature } from './features.ts';
import { film } from './films.ts';
import { ahead, createRig, GARMENT, type Rig } from './rig.ts';

const CI = 'tencent-ci';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
  const make = { providerCandidates: [CI], inputMapping: { image: '${input_data.photo}' } };
  await addFeature(rig.database.db, 'made_by_ai', { make });
  await addFeature(rig.database.db, 'only_retouched', { make });
  await rig.database.db
    .updateTable('feature_definitions')
    .set({ ai_generated: 0 })
    .where('feature_id', '=', 'only_retouched')
    .execute();
});
afterAll(() => rig.close());

/** Makes these files, whatever is asked. */
function maker(files: ProducedFiles): Provider & { calls: number } {
  const provider = {
    ref: CI,
    calls: 0,
    run: async () => {
      provider.calls += 1;
      return { output: {}, files };
    },
  };
  return provider;
}

const garment = (): ProducedFile => ({ bytes: rig.garment, contentType: 'image/jpeg', ...GARMENT });

/** `verdict` is what the moderator says; an error is thrown. */
async function run(
  files: ProducedFiles,
  options: { featureId?: string; verdict?: () => Verdict } = {},
): Promise<{
  who: MadeMember;
  taskId: string;
  provider: ReturnType<typeof maker>;
  outcome: unknown;
  again: () => Promise<unknown>;
}> {
  const { verdict, featureId = 'made_by_ai' } = options;
  const who = await rig.member();
  const taskId = await rig.task(who, featureId);
  const { db } = rig.database;
  const moderator = {
    check: async () => ({ verdict: verdict?.() ?? { verdict: 'pass' as const }, pictures: 1 as const }),
  };
  const moderation =
    verdict === undefined ? undefined : createModeration({ db, clock: systemClock, moderator, reviewed: 'refuse' });
  const delivery = createDelivery({ db, moderation, config: { producer: '云裳' } });
  const provider = maker(files);
  const runner = rig.runner({ providers: registryOf([provider]), delivery });
  const again = (): Promise<unknown> => runner.run({ taskId });
  return { who, taskId, provider, outcome: await again(), again };
}

const resultsOf = (taskId: string) =>
  rig.database.db.selectFrom('assets').selectAll().where('task_id', '=', taskId).orderBy('output_name').execute();
const taskOf = (taskId: string) =>
  rig.database.db
    .selectFrom('tasks')
    .select(['status', 'failure_code', 'refunded'])
    .where('id', '=', taskId)
    .executeTakeFirstOrThrow();

async function stored(key: string | null): Promise<Buffer> {
  const bytes = await rig.storage.get(key ?? '');
  if (bytes === undefined) throw new Error(`nothing under ${key}`);
  return bytes;
}

test('a result of AI is labelled, in the picture and in the file, and kept without the visible label beside', async () => {
  const { taskId } = await run({ image: garment() });
  const [asset] = await resultsOf(taskId);
  expect(asset).toMatchObject({ label: 'visible', ...GARMENT });
  const record = aigcRecord({ producer: '云裳', contentId: `${taskId}-image` });
  expect(await readLabel(await stored(asset?.object_key ?? null))).toMatchObject({
    record,
    visible: expect.any(String),
    strays: [],
  });
  expect(await readLabel(await stored(asset?.unlabelled_key ?? null))).toMatchObject({ record, visible: undefined });
});

test('what is only retouched stays as it was made', async () => {
  const { taskId } = await run({ image: garment() }, { featureId: 'only_retouched' });
  const [asset] = await resultsOf(taskId);
  expect(asset).toMatchObject({ label: 'none', unlabelled_key: null });
  expect((await stored(asset?.object_key ?? null)).equals(rig.garment)).toBe(true);
});

test('each of a set of results is labelled under a number of its own', async () => {
  const { taskId } = await run({ image: Array.from({ length: 3 }, garment) });
  const results = await resultsOf(taskId);
  const numbers = await Promise.all(
    results.map(async ({ object_key }) => (await readLabel(await stored(object_key))).record?.ProduceID),
  );
  expect(new Set(numbers)).toEqual(new Set([1, 2, 3].map((n) => `${taskId}-image-${n}`)));
});

test('a video is labelled', async () => {
  const { taskId } = await run({ image: { bytes: film(), contentType: 'video/mp4', width: null, height: null } });
  const [asset] = await resultsOf(taskId);
  expect(asset).toMatchObject({ label: 'visible', content_type: 'video/mp4', width: 240, height: 320 });
  const videos = createVideoLabels({ ffmpegPath: findFfmpeg(), timeoutMs: 30_000 });
  const mark = await videos.read(await stored(asset?.object_key ?? null));
  expect(mark).toMatchObject({ visible: expect.any(String), record: { ProduceID: `${taskId}-image` } });
});

test('texts say first that AI made them, and are kept without it beside', async () => {
  const as = { width: null, height: null };
  const { taskId } = await run({
    image: { ...as, bytes: Buffer.from('新款连衣裙'), contentType: 'text/plain; charset=utf-8' },
  });
  const bundle = await run({
    image: { ...as, bytes: Buffer.from('{"title":"新款"}'), contentType: 'application/json' },
  });
  const [[plain], [json]] = await Promise.all([resultsOf(taskId), resultsOf(bundle.taskId)]);
  expect([plain?.label, json?.label]).toEqual(['visible', 'visible']);
  expect((await stored(plain?.object_key ?? null)).toString()).toBe('【AI生成】\n新款连衣裙');
  expect((await stored(plain?.unlabelled_key ?? null)).toString()).toBe('新款连衣裙');
  expect(JSON.parse((await stored(json?.object_key ?? null)).toString())).toMatchObject({
    label: '【AI生成】',
    AIGC: { ProduceID: `${bundle.taskId}-image` },
    title: '新款',
  });
});

test.each([
  ['a text that is no text', { bytes: Buffer.from([0xff, 0xfe]), contentType: 'text/plain' }],
  ['an archive', { bytes: Buffer.from('PK'), contentType: 'application/zip' }],
  ['a broken picture', { bytes: Buffer.from('not a picture'), contentType: 'image/png' }],
  ['a tiny picture', { bytes: Buffer.alloc(0), contentType: 'image/webp' }],
])('%s that can not be labelled is not delivered, and the quota goes back', async (_what, made) => {
  const bytes = made.contentType === 'image/webp' ? await tiny() : made.bytes;
  const { taskId } = await run({ image: { ...made, bytes, width: 8, height: 8 } });
  expect(await taskOf(taskId)).toEqual({ status: 'failed', failure_code: 'OUTPUT_REFUSED', refunded: 1 });
  expect(await resultsOf(taskId)).toEqual([]);
});

test.each(['block', 'review'] as const)('a result the moderator would %s is not delivered', async (verdict) => {
  const { taskId, who, again } = await run(
    { image: await picture() },
    { verdict: () => ({ verdict, reason: 'Porn' }) },
  );
  expect(await taskOf(taskId)).toEqual({ status: 'failed', failure_code: 'OUTPUT_REFUSED', refunded: 1 });
  expect(await resultsOf(taskId)).toEqual([]);
  expect(await again()).toBe('done');
  const { objects } = await rig.storage.list(`u/${who.userId}/results/`);
  expect(objects).toEqual([]);
  const seen = await rig.database.db
    .selectFrom('moderation_results')
    .selectAll()
    .where('task_id', '=', taskId)
    .execute();
  expect(seen).toMatchObject([{ direction: 'output', verdict, reason: 'Porn' }]);
});

test('one refused result of a set refuses them all', async () => {
  let asked = 0;
  const files = { image: [await picture(), await picture(), await picture()] };
  const { taskId } = await run(files, { verdict: () => ({ verdict: ++asked === 3 ? 'block' : 'pass' }) });
  expect(await taskOf(taskId)).toMatchObject({ failure_code: 'OUTPUT_REFUSED', refunded: 1 });
});

function away(): Verdict {
  throw new AppError('MODERATION_UNAVAILABLE');
}

/** What an attempt at this provider costs. */
async function costs(microYuan: number): Promise<void> {
  const { db } = rig.database;
  const [item, from] = [`provider:${CI}`, new Date()];
  await db.updateTable('unit_prices').set({ valid_to: from }).where('open_item', '=', item).execute();
  await db
    .insertInto('unit_prices')
    .values({ id: newId(), item, unit: 'call', micro_yuan: microYuan, valid_from: from, created_at: from })
    .execute();
}

test('a hiccup of the moderator is waited for', async () => {
  let asked = 0;
  const verdict = (): Verdict => (++asked === 1 ? away() : { verdict: 'pass' });
  const { taskId, outcome } = await run({ image: await picture() }, { verdict });
  expect(outcome).toBe('done');
  expect(await taskOf(taskId)).toMatchObject({ status: 'succeeded' });
});

test('while the moderator is away a result that costs nothing waits; when time is up the quota goes back', async () => {
  await costs(0);
  const { taskId, outcome } = await run({ image: await picture() }, { verdict: away });
  expect(outcome).toMatchObject({ againAt: expect.any(Date) });
  expect(await resultsOf(taskId)).toEqual([]);
  expect(await taskOf(taskId)).toMatchObject({ status: 'processing' });
  await rig.runner({ clock: ahead(200_000) }).sweep();
  expect(await taskOf(taskId)).toEqual({ status: 'failed', failure_code: 'TASK_TIMED_OUT', refunded: 1 });
});

test('what was paid for is not bought again while the moderator is away', async () => {
  await costs(200_000);
  const { taskId, provider, again } = await run({ image: await picture() }, { verdict: away });
  expect(await taskOf(taskId)).toEqual({ status: 'failed', failure_code: 'MODERATION_UNAVAILABLE', refunded: 1 });
  await again();
  expect(provider.calls).toBe(1);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});

let shade = 0;
/** A picture the moderator has not seen. */
async function picture(): Promise<ProducedFile> {
  shade += 1;
  const background = { r: shade, g: 90, b: 60 };
  const bytes = await sharp({ create: { width: 300, height: 300, channels: 3, background } })
    .png()
    .toBuffer();
  return { bytes, contentType: 'image/png', width: 300, height: 300 };
}

function tiny(): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
    .webp()
    .toBuffer();
}
