import {
  createBillGateway,
  createReconciliation,
  createReconciliationWork,
  createTopUps,
  createWechatGateway,
} from '@yunshang/billing';
import { newId, systemClock, type Clock, shanghaiDay } from '@yunshang/db';
import { until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listWork, settleFound, sumWork } from '../src/consumption/work.store.ts';
import { listProviderBooks, readAccounts } from '../src/index.ts';
import { addFeature } from './features.ts';
import { createRig, type Rig } from './rig.ts';
import { openEdge, writeHubs, type Edge } from './vendor-rows.ts';

const DAY_MS = 86_400_000;
const A = 'runninghub-a';
const B = 'runninghub-b';

let rig: Rig;
let edge: Edge;
let day: string;
let tomorrow: Clock;

beforeAll(async () => {
  rig = await createRig();
  edge = await openEdge(rig);
  await rig.sandbox.control.reset();
  await writeHubs(rig);
  for (const [featureId, candidate] of [
    ['on_a', A],
    ['on_b', B],
  ] as const) {
    const poses = {
      type: 'async_api' as const,
      providerCandidates: [candidate],
      inputMapping: { image: '${input_data.photo}' },
      outputMapping: { images: '$.images' },
      timeoutSeconds: 150,
      polling: { intervalSeconds: 10, maxAttempts: 500, completeStatuses: ['SUCCESS'], failedStatuses: ['FAILED'] },
    };
    await addFeature(rig.database.db, featureId, { poses }, 'refund_quota', 12);
  }
  day = shanghaiDay(new Date());
  // Noon of the next day in Asia/Shanghai.
  const noon = new Date(Date.parse(`${day}T04:00:00.000Z`) + DAY_MS);
  tomorrow = { now: () => noon };
});
afterAll(async () => {
  edge.close();
  await rig.close();
});

const { reconciliation, work } = {
  reconciliation: () => createReconciliation({ db: rig.database.db, clock: tomorrow }),
  work: (clock = tomorrow) => {
    const { settings: given, url } = rig.sandbox;
    const wechat = {
      mchid: given.mchid,
      appid: given.appid,
      merchantSerial: given.merchantSerial,
      merchantPrivateKeyPem: given.merchantPrivateKeyPem,
      merchantCertPem: given.merchantCertPem,
      apiV3Key: given.apiV3Key,
      platformKeys: { [given.platformPublicKeyId]: given.platformPublicKeyPem },
      notifyUrl: 'http://127.0.0.1:1/notify',
      baseUrl: url,
      timeoutMs: 1_000,
    };
    const { db } = rig.database;
    return createReconciliationWork({
      db,
      clock,
      wechat: createWechatGateway(wechat, systemClock),
      bills: createBillGateway(wechat, systemClock),
      archive: { keep: () => Promise.resolve() },
      consumption: () => listProviderBooks({ db, clock, providers: edge.providers }),
    });
  },
};
const readAt = (clock: Clock) => readAccounts({ db: rig.database.db, clock, providers: edge.providers });

/** An ended task with the attempt that RunningHub worked on, as its number there. */
async function ran(featureId: string): Promise<{ taskId: string; attemptId: string; vendorRef: string }> {
  // Work that failed here says nothing about the next.
  const well = { status: 'up' as const, consecutive_failures: 0, probe_after: null };
  await rig.database.db.updateTable('provider_health').set(well).execute();
  const taskId = await rig.task(await rig.member(), featureId);
  await until(async () => (await rig.runner({ providers: edge.providers }).run({ taskId })) === 'done');
  const attempts = rig.database.db
    .selectFrom('task_attempts')
    .select(['id', 'vendor_ref'])
    .where('task_id', '=', taskId);
  const { id, vendor_ref: vendorRef } = await attempts.executeTakeFirstOrThrow();
  return { taskId, attemptId: id, vendorRef: vendorRef ?? '' };
}
async function failed(usage?: { consumeMoney: string; consumeCoins: null }): Promise<Awaited<ReturnType<typeof ran>>> {
  await rig.sandbox.control.fault({ vendor: 'runninghub', kind: 'task_failed' });
  const made = await ran('on_a');
  if (usage !== undefined) await rig.sandbox.control.runninghubTask(made.vendorRef, { usage });
  return made;
}
/** Work that nobody booked: an attempt that came by another way than ours. */
async function unbooked(like: { taskId: string; vendorRef: string }): Promise<string> {
  const { db } = rig.database;
  const id = newId();
  await sql`INSERT INTO task_attempts (id, task_id, step_index, attempt_no, provider_ref, status, vendor_ref, cost_micro_yuan, started_at, finished_at)
    SELECT ${id}, task_id, step_index, 2, provider_ref, status, ${like.vendorRef}, cost_micro_yuan, started_at, finished_at
    FROM task_attempts WHERE task_id = ${like.taskId}`.execute(db);
  return id;
}
async function found(): Promise<string[]> {
  const { items } = await reconciliation().exceptions.list({ day, limit: 100 });
  return items
    .map(({ kind, subject, state, isHealed }) => `${kind} ${subject} ${isHealed ? 'healed' : state}`)
    .toSorted();
}
const booked = (attemptId: string) =>
  rig.database.db
    .selectFrom('cost_entries')
    .select(['kind', 'amount_micro_yuan as microYuan'])
    .where('attempt_id', '=', attemptId)
    .orderBy('id')
    .execute();

test('every difference is found, none is invented, and what is safe mends itself', async () => {
  const { control } = rig.sandbox;
  const readings = await Promise.all([readAt(systemClock), readAt(systemClock), readAt(systemClock)]);
  expect(readings.reduce((sum, read) => sum + read, 0)).toBe(2);
  expect(await readAt(systemClock)).toBe(0);

  const right = await ran('on_a');
  await ran('on_b');
  const differs = await ran('on_a');
  await control.runninghubTask(differs.vendorRef, { usage: { consumeMoney: '0.96', consumeCoins: null } });
  const forgotten = await ran('on_a');
  await control.runninghubTask(forgotten.vendorRef, { forget: true });
  const late = await failed({ consumeMoney: '0.24', consumeCoins: null });
  const silent = await failed();
  const missing = await unbooked(right);
  // What the failed work and the unbooked one cost, and five yuan that nothing explains.
  await control.runninghubWallet('a', { milliYuan: -240 - 480 - 5_000 });

  expect(await work().runNow(day, 'provider')).toMatchObject({ worked: { againAt: expect.any(Date) } });
  const unread = [`consumption_unread ${A}:${day}`, `consumption_unread ${B}:${day}`];
  expect((await found()).filter((one) => one.startsWith('consumption'))).toEqual(unread.map((one) => `${one} open`));

  expect(await readAt(tomorrow)).toBe(2);
  const { run, worked } = await work().runNow(day, 'provider');
  expect(worked).toBe('done');
  const left = [
    ...unread.map((one) => `${one} resolved`),
    `cost_differs ${differs.attemptId} open`,
    `cost_missing ${missing} healed`,
    `cost_total_differs ${A}:${day} open`,
    `cost_unknown_there ${forgotten.attemptId} open`,
    `cost_unsettled ${late.attemptId} healed`,
    `cost_unsettled ${silent.attemptId} open`,
  ];
  expect(await found()).toEqual(left.toSorted());
  expect(run.counts).toMatchObject({ accounts: 2, accountsUnread: 0, works: 7 });
  expect(run.sums['consumedMicroYuan']).toBe(3 * 480_000 + 240_000 + 480_000 + 5_000_000 + 48_000);
  expect(await booked(late.attemptId)).toEqual([
    { kind: 'estimate', microYuan: 500_000 },
    { kind: 'settlement', microYuan: -260_000 },
  ]);
  expect(await booked(missing)).toMatchObject([{ kind: 'estimate' }, { kind: 'settlement', microYuan: -20_000 }]);
  expect(await booked(differs.attemptId)).toMatchObject([{}, { microYuan: -20_000 }]);
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);

  // The vendor takes its word back, and the five yuan were taken back from the account by hand.
  await control.runninghubTask(differs.vendorRef, { usage: { consumeMoney: '0.48', consumeCoins: null } });
  await control.runninghubTask(forgotten.vendorRef, { forget: false });
  const member = await rig.member();
  const finance = { id: member.userId, role: 'finance', requestId: 'test' } as const;
  const topUps = createTopUps({ db: rig.database.db, clock: tomorrow, isProvider: async (ref) => ref === A });
  const at = new Date().toISOString();
  const coming = new Date(tomorrow.now().getTime() + DAY_MS).toISOString();
  for (const wrong of [{ account: 'nobody' }, { at: coming }, { microYuan: 0 }])
    await expect(
      topUps.record(finance, { account: A, microYuan: 1, coins: 0, at, note: 'wrong', ...wrong }),
    ).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  const paid = { account: A, microYuan: -5_000_000, coins: 0, at, note: 'refunded to us' };
  const told = await Promise.all([1, 2, 3].map(() => topUps.record(finance, paid)));
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  const logged = rig.database.db.selectFrom('audit_logs').select('id').where('action', '=', 'vendor.topped_up');
  expect(await logged.execute()).toHaveLength(1);
  expect((await work().runNow(day, 'provider')).run).toMatchObject({ found: 1, healed: 0, counts: { gone: 3 } });
  expect((await found()).filter((one) => one.endsWith(' open'))).toEqual([`cost_unsettled ${silent.attemptId} open`]);
});

test('two that settle the same work at once book it once', async () => {
  const { attemptId } = await failed({ consumeMoney: '0.10', consumeCoins: null });
  const span = { from: new Date(Date.now() - DAY_MS / 2), to: new Date(Date.now() + DAY_MS) };
  const works = await listWork(rig.database.db, { ref: A, span, after: undefined, limit: 100 });
  const one = works.find(({ id }) => id === attemptId);
  if (one === undefined) throw new Error('the work is not listed');
  const settle = () => settleFound(rig.database.db, one, { costMicroYuan: 100_000, now: new Date() });
  expect((await Promise.all([settle(), settle(), settle()])).filter(Boolean)).toHaveLength(1);
  expect(await booked(attemptId)).toMatchObject([{}, { microYuan: -400_000 }]);
});

function later(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

test('work that a reading fell into may have been paid before it or after', async () => {
  const { db } = rig.database;
  const { attemptId } = await ran('on_a');
  const attempt = db.selectFrom('task_attempts').select(['started_at', 'finished_at']).where('id', '=', attemptId);
  const { started_at: began, finished_at: ended } = await attempt.executeTakeFirstOrThrow();
  if (ended === null) throw new Error('the work is not over');
  const hour = 3_600_000;
  expect(await sumWork(db, A, { from: began, to: later(ended, hour) })).toMatchObject({ least: 480_000 });
  expect(await sumWork(db, A, { from: began, to: later(ended, 60_000) })).toMatchObject({ least: 0 });
  const after = await sumWork(db, A, { from: later(ended, 60_000), to: later(ended, hour) });
  expect(after.least).toBe(0);
  expect(after.most).toBeGreaterThanOrEqual(480_000);
  expect(await sumWork(db, A, { from: later(ended, hour), to: later(ended, 2 * hour) })).toEqual({ least: 0, most: 0 });
});

test('a vendor that can not be read, or is switched off, is said so however late it is', async () => {
  const { db } = rig.database;
  await rig.sandbox.control.fault({
    vendor: 'runninghub',
    kind: 'account_down',
    times: 'always',
    match: { account: 'a' },
  });
  await db.updateTable('provider_endpoints').set({ is_enabled: 0 }).where('provider_ref', '=', B).execute();
  const late = { now: () => new Date(tomorrow.now().getTime() + 2 * DAY_MS) };
  edge.close();
  edge = await openEdge(rig);
  const { run, worked } = await work(late).runNow(day, 'provider');
  expect(worked).toBe('done');
  expect(run).toMatchObject({ counts: { accountsUnread: 2, gone: 0 } });
  const { items } = await reconciliation().exceptions.list({ day, kind: 'consumption_unread', limit: 10 });
  expect(items.map(({ state, details }) => `${state} ${details['why']}`).toSorted()).toEqual([
    'reopened http_503',
    'reopened switched_off',
  ]);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
