import { connect } from '@yunshang/db';
import { freePort, makeMembers, startStack, type NodeProcess, type Stack, until } from '@yunshang/devstack';
import { createYunshang, memoryStorage, type Yunshang } from '@yunshang/sdk';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { financeCalls } from '../src/finance-calls.ts';
import { countDue, fillTables, makeDue } from '../src/full-tables.ts';
import { journey } from '../src/journey.ts';
import { basicMember, smallPhoto } from '../src/members.ts';
import { admin } from '../src/operate.ts';
import {
  complaints,
  describePlan,
  distinctStatements,
  explain,
  inShort,
  looksForRows,
  measuredTables,
  type Plan,
} from '../src/query-plans.ts';
import { openStatementLog, type StatementLog, type Trip } from '../src/statement-log.ts';
import { printSteps } from '../src/steps.ts';

/** Read whole by purpose: as many rows as there are products, and a scan of one page is the quickest way. */
const SMALL = {
  plans: 'the plans on sale are a handful, and their list is all of them',
  feature_definitions: 'one row a feature',
  form_schemas: 'a few versions a feature',
  pipeline_schemas: 'a few versions a feature',
  provider_endpoints: 'one row a provider',
  provider_health: 'one row a provider',
  alert_targets: 'one row a robot or system that is told',
  budget_weeks: 'one row a feature and week',
  calendar_runs: 'one row a day',
  report_periods: 'one row a day, month and year',
  settings: 'one row a name',
  guard_reports: 'one row a night, kept for two years',
  label_consents: 'one row when a member first downloads a file without its label; read by its unique key',
};
/** Every table is filled with 5 000 rows or more, of which the sweeps take a few. */
const FULL = 4_900;
/** The busiest member has 400 rows and a page of a sweep 500; twice that, since the optimizer's numbers are samples. */
const MOST_ROWS = 1_000;
/** A member's live sessions are sorted whole: they are never many. */
const MOST_SORTED = 200;
const DAY_MS = 86_400_000;

let stack: Stack;
let log: StatementLog;
let worker: NodeProcess;
let photo: Uint8Array;
let busiest: Yunshang;
let tables: Map<string, number>;
let plans: Plan[];

vi.setConfig({ testTimeout: 60_000, hookTimeout: 400_000 });

beforeAll(async () => {
  const env = {
    OUTBOX_POLL_MS: '100',
    TASK_LEASE_MS: '3000',
    ORDER_QUERY_SCHEDULE_MS: '300,600',
    PAYMENT_WINDOW_MS: '5000',
  };
  stack = await startStack({ timeScale: 0.01, env });
  worker = stack.worker;
  log = await openStatementLog(stack.databaseUrl);
  photo = await smallPhoto();
  ({ ys: busiest } = await journey(
    stack,
    [{ name: 'small', bytes: Buffer.from(photo) }],
    printSteps(() => {}),
  ));
  await worker.stop();
  await fillTables(log.send, (await busiest.account.get()).userId);
  await everydayCalls(busiest);
  await comeAndGo();
  const desk = await admin(stack);
  await givenAway(desk, busiest);
  await financeCalls(desk, (await busiest.account.get()).userId);
  await everySchedule(busiest);
  tables = await measuredTables(log.send);
  const statements = distinctStatements((await log.trips()).flat()).filter(looksForRows);
  plans = [];
  for (const statement of statements) plans.push(await explain(log.send, statement));
});
afterAll(async () => {
  await log?.stop();
  await stack?.stop();
});

const create = async (ys: Yunshang, photoId: string): Promise<string> =>
  (await ys.tasks.create({ featureId: 'basic_clean', input: { photo: photoId } })).id;

async function aPhotoOf(ys: Yunshang): Promise<string> {
  const asset = (await ys.assets.list({ kind: 'upload', limit: 1 })).items[0];
  return asset?.id ?? (await ys.uploads.put(photo)).id;
}

/** What a member does beyond the journey: pages, filters, repeated and cancelled calls, payments told twice or never made. */
async function everydayCalls(ys: Yunshang): Promise<void> {
  const [status, featureId] = ['succeeded', 'basic_clean'] as const;
  for (const filter of [{}, { status }, { featureId }, { status, featureId }]) {
    const { nextCursor } = await ys.tasks.list({ ...filter, limit: 20 });
    await ys.tasks.list({ ...filter, limit: 20, ...(nextCursor === null ? {} : { cursor: nextCursor }) });
  }
  const { nextCursor: more } = await ys.fapiao.list({ limit: 20 });
  if (more !== null) await ys.fapiao.list({ limit: 20, cursor: more });
  const [title] = await ys.fapiao.titles();
  const bought = (await ys.orders.list({ limit: 100 })).items.find(({ paidAt }) => paidAt !== null);
  if (title === undefined || bought === undefined) throw new Error('there is nothing to ask a fapiao for');
  await ys.fapiao.request({ orderId: bought.id, titleId: title.id });
  for (const filter of [{}, { kind: 'upload' }, { featureId }] as const) {
    const { nextCursor } = await ys.assets.list({ ...filter, limit: 20 });
    await ys.assets.list({ ...filter, limit: 20, ...(nextCursor === null ? {} : { cursor: nextCursor }) });
  }
  await ys.quota.history({ limit: 20, cursor: 2_000 });
  await ys.quota.export({ kind: 'grant', from: new Date(Date.now() - DAY_MS).toISOString() });
  await ys.auth.sessions();
  const { nextCursor: told } = await ys.notices.list();
  if (told !== null) await ys.notices.list({ cursor: told });
  await ys.notices.read('01A00000000000000000000001');
  const cancelled = await create(ys, await aPhotoOf(ys));
  await ys.tasks.cancel(cancelled);
  await stack.sandbox.control.fault({ vendor: 'wechat', kind: 'error', times: 'always' });
  const options = { idempotencyKey: 'ordered-in-trouble' };
  await expect(ys.orders.create({ planId: 'PRO' }, options)).rejects.toMatchObject({ code: 'PAYMENT_UNAVAILABLE' });
  await stack.sandbox.control.clearFaults();
  const { id } = await ys.orders.create({ planId: 'PRO' }, options);
  expect((await ys.orders.create({ planId: 'PRO' }, options)).id).toBe(id);
  const [[paid] = []] = await log.send([
    "SELECT out_trade_no FROM orders WHERE status = 'paid' ORDER BY id DESC LIMIT 1",
  ]);
  expect(await stack.sandbox.control.notify({ outTradeNo: String(paid?.['out_trade_no']) })).toEqual([204]);
}

const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** Quota that nobody pays for: codes, a campaign to claim and one that is pushed, and a compensation. */
async function givenAway(desk: Yunshang, ys: Yunshang): Promise<void> {
  const { userId } = await ys.account.get();
  const what = { title: '国庆', quota: 1, grantDays: 7, reason: '国庆活动' };
  const [startsAt, endsAt] = [inMs(-1_000), inMs(DAY_MS)];
  const codes = { ...what, codeCount: 10, usesPerCode: 2, perUserLimit: 1, expiresAt: endsAt };
  const { batch } = await desk.codeBatches.create(codes);
  const batchId = batch?.id ?? '';
  const issued = await desk.codeBatches.issue({ batchId });
  const [code = ''] = issued.codes;
  expect(await ys.quota.redeem(code)).toMatchObject({ quota: 1 });
  await expect(ys.quota.redeem(code)).rejects.toMatchObject({ code: 'CODE_REDEEMED' });
  await desk.codeBatches.list();
  await desk.codeBatches.disable({ batchId, reason: '结束' });
  const window = { ...what, startsAt, endsAt, totalCap: 20 };
  const mine = { kind: 'accounts' as const, accounts: [userId] };
  for (const audience of [{ kind: 'members' as const }, mine]) {
    const { campaign } = await desk.campaigns.create({ ...window, audience, delivery: 'claim' });
    expect(await ys.quota.claim(campaign?.id ?? '')).toMatchObject({ quota: 1 });
    await desk.campaigns.stop({ campaignId: campaign?.id ?? '', reason: '结束' });
  }
  // To accounts: a push to all members walks through all of them, which is what it is for.
  await desk.campaigns.create({ ...window, audience: mine, delivery: 'push' });
  await ys.quota.offers();
  await desk.campaigns.list();
  const gift = await desk.grants.compensate({ userId, amount: 1, days: 7, reason: '任务失败的补偿' });
  expect(gift.approval).toBeNull();
  await desk.grants.compensations({ userId });
  await desk.grants.ofMember({ userId });
  await desk.approvals.list();
}

/** Signs in after a wrong code, renews the token, ends another session and this one. */
async function comeAndGo(): Promise<void> {
  const phone = '+8613600000001';
  const storage = memoryStorage();
  const ys = createYunshang({ baseUrl: stack.server.url, storage });
  await ys.auth.requestCode({ phone });
  const code = await stack.sandbox.control.smsCode(phone);
  const wrong = code === '000000' ? '000001' : '000000';
  await expect(ys.auth.signIn({ phone, code: wrong })).rejects.toMatchObject({ code: 'SMS_CODE_INVALID' });
  await ys.auth.signIn({ phone, code });
  const kept: unknown = JSON.parse((await storage.get('yunshang.session')) ?? '{}');
  await storage.set('yunshang.session', JSON.stringify({ ...Object(kept), accessEndsAtMs: 0 }));
  await ys.account.get();
  await expect(ys.auth.endSession('01A00000000000000000000001')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  await ys.auth.signOut();
}

/** Everything that happens by the clock, over full tables and with something to do, by a worker that is asked for metrics. */
async function everySchedule(ys: Yunshang): Promise<void> {
  await makeDue(log.send, { taskId: await create(ys, await aPhotoOf(ys)) });
  const database = connect(stack.databaseUrl);
  const [startsAt, endsAt] = [new Date(Date.now() - 40 * DAY_MS), new Date(Date.now() - 10 * DAY_MS)];
  await makeMembers(database.db, 3, { startsAt, endsAt });
  await database.close();
  // The schedules ran a moment ago: their locks say so.
  const redis = new Redis(stack.redisUrl);
  await redis.flushall();
  await redis.quit();
  const port = await freePort();
  worker = await stack.addWorker({ METRICS_PORT: String(port) });
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('outbox');
  await until(async () => (await countDue(log.send)) === 0, { what: 'every schedule to have run', timeoutMs: 30_000 });
}

const isSmall = (table: string): boolean => table in SMALL;

test('every table that grows is full, and looked into by somebody', () => {
  const growing = [...tables].filter(([name]) => !isSmall(name));
  expect(growing.filter(([, count]) => count < FULL)).toEqual([]);
  const read = new Set(plans.flatMap((plan) => plan.accesses.map((access) => access.table)));
  expect([...read].filter((name) => name !== '' && !tables.has(name))).toEqual([]);
  expect(growing.map(([name]) => name).filter((name) => !read.has(name))).toEqual([]);
});

test('no statement of server or worker scans a table that grows, or reads more of it than one member has', () => {
  const growing = new Set([...tables.keys()].filter((name) => !isSmall(name)));
  const bounds = { growing, mostRows: MOST_ROWS, mostSorted: MOST_SORTED };
  const found = plans.flatMap((plan) => complaints(plan, bounds).map((what) => `${what}\n${describePlan(plan)}`));
  expect(found).toEqual([]);
});

/** Round trips of one warm call: the fewest of some, since now and then a call also refreshes what the process keeps. */
async function tripsOf(call: () => Promise<unknown>): Promise<Trip[]> {
  await call();
  let fewest: Trip[] | undefined;
  for (let round = 0; round < 5; round += 1) {
    const since = await log.mark();
    await call();
    const trips = await log.trips(since);
    if (fewest === undefined || trips.length < fewest.length) fewest = trips;
  }
  return fewest ?? [];
}

test('a task is created in two round trips, and in three where a limit by the hour or the day may be near', async () => {
  await worker.stop();
  const newcomer = await basicMember(stack);
  const theirs = await aPhotoOf(newcomer);
  const trips = await tripsOf(() => create(newcomer, theirs));
  // Who calls, the feature, its form and the state of its providers are kept by the process: nothing is read for them.
  expect(trips.map((trip) => trip.map(inShort))).toEqual([
    [
      'START TRANSACTION',
      'SELECT users', // the lock under which everything else is read and written, and the balance
      'SELECT UTC_TIMESTAMP(3) AS now', // the time after the wait for the lock: windows and ends are judged by it
      'SELECT quota_grants', // what can be spent, in the order of its end
      'SELECT membership_periods', // the level in force
      'SELECT feature_usage', // the number of uses so far
      'SELECT idempotency_keys', // whether this was asked before
      'SELECT assets', // whether the pictures are the member's own and fit
    ],
    [
      'UPDATE quota_grants',
      'UPDATE users',
      'INSERT quota_charges',
      'INSERT quota_logs',
      'INSERT quota_allocations',
      'INSERT tasks',
      'INSERT feature_usage',
      'INSERT task_events', // the first move, for who watches
      'INSERT outbox', // the promise that it will be run
      'INSERT idempotency_keys',
      'COMMIT',
    ],
  ]);
  const photoId = await aPhotoOf(busiest);
  const near = await tripsOf(() => create(busiest, photoId));
  expect(near.map((trip) => trip.map(inShort)[0])).toEqual([
    'START TRANSACTION',
    'SELECT tasks',
    'UPDATE quota_grants',
  ]);
});
