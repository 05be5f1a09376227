import { createPrices } from '@yunshang/billing';
import { systemClock } from '@yunshang/db';
import { until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ProviderFailure, registryOf, watchAccounts } from '../src/index.ts';
import { addFeature } from './features.ts';
import { failingProvider, quickProvider } from './providers.ts';
import { ahead, createRig, type Rig } from './rig.ts';
import { openEdge, writeHubs, type Edge } from './vendor-rows.ts';

const CI = 'tencent-ci';
const BUILTIN = 'builtin-image-engine';
const finance = { id: null, role: 'system', requestId: 'test' } as const;

let rig: Rig;
let edge: Edge;
beforeAll(async () => {
  rig = await createRig();
  edge = await openEdge(rig);
  const { db } = rig.database;
  const poses = {
    type: 'async_api' as const,
    providerCandidates: ['runninghub-a'],
    inputMapping: { image: '${input_data.photo}' },
    outputMapping: { images: '$.images' },
    timeoutSeconds: 150,
    polling: { intervalSeconds: 10, maxAttempts: 500, completeStatuses: ['SUCCESS'], failedStatuses: ['FAILED'] },
  };
  await addFeature(db, 'twelve', { poses }, 'refund_quota', 12);
  const photo = '${input_data.photo}';
  await addFeature(db, 'two_cuts', {
    cut: {
      providerCandidates: [CI],
      endpoint: 'garment.cutout_all',
      inputMapping: { images: [photo, photo] },
      outputMapping: { images: '$.images' },
    },
  });
});
beforeEach(async () => {
  await rig.sandbox.control.reset();
  await writeHubs(rig);
  await rig.database.db
    .updateTable('provider_health')
    .set({ status: 'up', consecutive_failures: 0, probe_after: null })
    .execute();
});
afterAll(async () => {
  edge.close();
  await rig.close();
});

const booked = (taskId: string) =>
  rig.database.db
    .selectFrom('cost_entries')
    .select(['kind', 'item', 'vendor', 'amount_micro_yuan'])
    .where('task_id', '=', taskId)
    .orderBy('id')
    .execute();
const estimate = (item: string, amount: number) => ({ kind: 'estimate', item, amount_micro_yuan: amount });

async function spent(featureId: string): Promise<number> {
  const row = await rig.database.db
    .selectFrom('budget_weeks')
    .select('spent_micro_yuan')
    .where('scope', '=', `feature:${featureId}`)
    .executeTakeFirst();
  return row?.spent_micro_yuan ?? 0;
}

test('each attempt is booked when it begins, the failed ones too, for whom and at which price', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const failing = failingProvider(CI, new ProviderFailure('vendor', 'work_failed'));
  await rig.runner({ providers: registryOf([failing, quickProvider(BUILTIN, rig.garment)]) }).run({ taskId });
  const rows = await rig.database.db.selectFrom('cost_entries').selectAll().where('task_id', '=', taskId).execute();
  expect(rows).toMatchObject(
    [
      { item: `provider:${CI}`, vendor: 'tencent_ci', provider_ref: CI, amount_micro_yuan: 30_000 },
      { item: `provider:${BUILTIN}`, vendor: 'builtin', provider_ref: BUILTIN, amount_micro_yuan: 2_000 },
    ].map((row) => ({ ...row, kind: 'estimate', feature_id: 'basic_clean', user_id: who.userId })),
  );
  const prices = await rig.database.db.selectFrom('unit_prices').selectAll().execute();
  const priceOf = (id: string | null): string | undefined => prices.find((price) => price.id === id)?.item;
  expect(rows.map((row) => priceOf(row.unit_price_id))).toEqual(rows.map((row) => row.item));
  expect(await spent('basic_clean')).toBe(32_000);
});

test('a refusal before anything was done costs nothing', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const failure = new ProviderFailure('our_account', 'http_402', { costMicroYuan: 0 });
  const providers = registryOf([failingProvider(CI, failure), quickProvider(BUILTIN, rig.garment)]);
  await rig.runner({ providers }).run({ taskId });
  expect((await booked(taskId)).filter(({ item }) => item.endsWith(CI))).toMatchObject([
    estimate(`provider:${CI}`, 30_000),
    { kind: 'settlement', amount_micro_yuan: -30_000 },
  ]);
});

test('the vendor’s own figure replaces the estimate', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'twelve');
  await until(async () => (await rig.runner({ providers: edge.providers }).run({ taskId })) === 'done');
  expect(await booked(taskId)).toMatchObject([
    estimate('provider:runninghub-a', 500_000),
    { kind: 'settlement', item: 'provider:runninghub-a', vendor: 'runninghub', amount_micro_yuan: -20_000 },
  ]);
  expect(await spent('twelve')).toBe(480_000);
});

test('pictures are counted: two are two units, and what CI refused of them is not paid for', async () => {
  const taskId = await rig.task(await rig.member(), 'two_cuts');
  await rig.sandbox.control.fault({ vendor: 'ci', kind: 'slow', ms: 0 });
  await rig.sandbox.control.fault({ vendor: 'ci', kind: 'error', status: 500 });
  await rig.runner().run({ taskId });
  expect(await booked(taskId)).toMatchObject([
    estimate(`provider:${CI}`, 60_000),
    { kind: 'settlement', amount_micro_yuan: -30_000 },
  ]);
});

test('a price that changes while work is under way holds for what begins after it', async () => {
  const prices = createPrices({ db: rig.database.db, clock: systemClock, isProvider: async () => true });
  const item = `provider:${CI}:garment.clean`;
  await prices.add(finance, { item, microYuan: 70_000, reason: 'contract of June' });
  await prices.add(finance, {
    item,
    microYuan: 90_000,
    validFrom: new Date(Date.now() + 180_000).toISOString(),
    reason: 'contract of July',
  });
  const ran: number[] = [];
  for (const aheadMs of [0, 90_000, 179_000, 181_000]) {
    const taskId = await rig.task(await rig.member());
    const providers = registryOf([quickProvider(CI, rig.garment)]);
    // A task lives for three minutes: its deadline is not what is tried here.
    await rig.database.db
      .updateTable('tasks')
      .set({ deadline_at: new Date(Date.now() + 600_000) })
      .where('id', '=', taskId)
      .execute();
    await rig.runner({ providers, clock: ahead(aheadMs) }).run({ taskId });
    ran.push(...(await booked(taskId)).map((row) => row.amount_micro_yuan));
  }
  expect(ran).toEqual([30_000, 70_000, 70_000, 90_000]);
});

test('what a vendor did after its task had ended is settled once, however many look', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'twelve');
  const before = await spent('twelve');
  await rig.runner({ providers: edge.providers }).run({ taskId });
  await rig.runner({ providers: edge.providers, clock: ahead(200_000) }).sweep();
  expect(await spent('twelve')).toBe(before + 500_000);
  await until(async () => (await rig.sandbox.control.runninghubTasks()).every(({ status }) => status === 'SUCCESS'));
  const sweep = () => rig.runner({ providers: edge.providers, clock: ahead(400_000) }).sweep();
  const swept = await Promise.all([sweep(), sweep(), sweep()]);
  expect(swept.reduce((sum, { late }) => sum + late, 0)).toBe(1);
  expect(await booked(taskId)).toMatchObject([
    estimate('provider:runninghub-a', 500_000),
    { kind: 'settlement', amount_micro_yuan: -20_000 },
  ]);
  expect(await spent('twelve')).toBe(before + 480_000);
});

test('a vendor account with neither money nor coins left is told of once a day', async () => {
  const { db } = rig.database;
  const watch = () => watchAccounts({ db, clock: systemClock, providers: edge.providers });
  expect(await watch()).toBe(0);
  await rig.sandbox.control.fault({ vendor: 'runninghub', kind: 'empty_wallet', match: { account: 'a' } });
  expect([await watch(), await watch()]).toEqual([1, 0]);
  const told = await db.selectFrom('alerts').select('details').where('kind', '=', 'vendor_account_low').execute();
  expect(told).toEqual([{ details: { providerRef: 'runninghub-a', microYuan: 0, coins: 0 } }]);
  await rig.sandbox.control.fault({ vendor: 'runninghub', kind: 'account_down', times: 'always' });
  expect(await watch()).toBe(0);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
