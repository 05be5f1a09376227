import { createOrders, createWechatGateway, getBalance, listPlans } from '@yunshang/billing';
import { newId, systemClock } from '@yunshang/db';
import { appEnvironment, startProcess, until, type NodeProcess } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { renderSampleGarment } from '@yunshang/image-engine';
import {
  createAssets,
  createCosStorage,
  createFeatureCatalog,
  createReservations,
  createTaskIntake,
  createUploads,
} from '@yunshang/pipeline';
import { createSignals, type Signals } from '@yunshang/queue';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { readConfig, type ProcessConfig } from '../src/config.ts';

let database: TestDatabase;
let sandbox: TestSandbox;
let signals: Signals;
let env: Record<string, string>;
let config: ProcessConfig;
let folder: string;
let started: NodeProcess[] = [];
const clock = systemClock;
/** Processes start within seconds, on a busy machine. */
const PATIENT = { timeoutMs: 30_000 };
vi.setConfig({ testTimeout: 90_000 });

beforeAll(async () => {
  database = await testDatabase();
  sandbox = await testSandbox();
  folder = mkdtempSync(join(tmpdir(), 'ys-worker-'));
  const redisUrl = await testRedisUrl();
  env = {
    // Nobody listens there: every notification of a payment is lost.
    ...appEnvironment({
      databaseUrl: database.databaseUrl,
      redisUrl,
      publicUrl: 'http://127.0.0.1:1',
      vendorUrl: sandbox.url,
      settings: sandbox.settings,
    }),
    OUTBOX_VISIBILITY_MS: '500',
    OUTBOX_POLL_MS: '50',
    TASK_LEASE_MS: '1000',
    ORDER_QUERY_SCHEDULE_MS: '300,600,1200,2400,5000,10000',
  };
  config = readConfig(env);
  signals = createSignals(redisUrl);
});

beforeEach(async () => {
  await Promise.all([database.reset(), testRedisUrl()]);
  await sandbox.control.reset();
});

afterEach(async () => {
  await Promise.all(started.map((one) => one.stop()));
  started = [];
});

const findings = () => runDoctor(database.db, { now: clock.now() });

afterAll(async () => {
  await signals.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function startWorker(name: string): Promise<NodeProcess> {
  const worker = await startProcess({ name, main: 'apps/worker/src/main.ts', env, folder });
  started.push(worker);
  return worker;
}

async function makeUser(): Promise<string> {
  const id = newId();
  const now = clock.now();
  await database.db
    .insertInto('users')
    .values({
      id,
      account_id: id.slice(-12),
      phone_enc: randomBytes(32),
      phone_key_version: 1,
      phone_index: randomBytes(32),
      created_at: now,
      updated_at: now,
    })
    .execute();
  return id;
}

/** Orders the cheapest plan and pays it; only asking can find out. */
async function buy(userId: string): Promise<void> {
  const orders = createOrders({
    database,
    clock,
    wechat: createWechatGateway(config.wechat, clock),
    config: config.orders,
  });
  const [plan] = await listPlans(database.db);
  if (plan === undefined) throw new Error('no plan is seeded');
  const order = await orders.create({
    userId,
    requestId: 'test',
    planId: plan.planId,
    channel: 'native',
    ip: '203.0.113.7',
    idempotencyKey: newId(),
  });
  const { out_trade_no: outTradeNo } = await database.db
    .selectFrom('orders')
    .select('out_trade_no')
    .where('id', '=', order.id)
    .executeTakeFirstOrThrow();
  await sandbox.control.pay(outTradeNo);
}

const quota = async (userId: string): Promise<number> => (await getBalance(database.db, userId, clock.now())).available;

/** Uploads a garment and asks for it to be cleaned. */
async function createTask(userId: string): Promise<string> {
  const { db } = database;
  const storage = createCosStorage(config.cos);
  const uploads = createUploads({ db, clock, storage });
  const photo = await renderSampleGarment();
  const { assetId } = await uploads.begin(userId, { contentType: 'image/jpeg', sizeBytes: photo.length });
  const { object_key: key } = await db
    .selectFrom('assets')
    .select('object_key')
    .where('id', '=', assetId)
    .executeTakeFirstOrThrow();
  await storage.put(key, photo, 'image/jpeg');
  await uploads.complete(userId, assetId);
  const catalog = createFeatureCatalog(db, clock);
  const reservations = createReservations({ db, clock });
  const intake = createTaskIntake({ database, catalog, signals, reservations, canServe: async () => true });
  const task = await intake.create({
    userId,
    featureId: 'basic_clean',
    input: { photo: assetId },
    idempotencyKey: newId(),
  });
  await intake.close();
  return task.id;
}

const statusOf = async (taskId: string): Promise<string> =>
  (await database.db.selectFrom('tasks').select('status').where('id', '=', taskId).executeTakeFirstOrThrow()).status;

it('finds a payment nobody told of, and runs a task to its end', async () => {
  await startWorker('only');
  const userId = await makeUser();
  await buy(userId);
  await until(async () => (await quota(userId)) === 100, PATIENT);
  const taskId = await createTask(userId);
  await until(async () => (await statusOf(taskId)) === 'succeeded', PATIENT);
  expect(await quota(userId)).toBe(99);
  expect(await findings()).toEqual([]);
});

it('deletes the objects of a file that a member has deleted', async () => {
  await startWorker('only');
  const userId = await makeUser();
  await buy(userId);
  await until(async () => (await quota(userId)) === 100, PATIENT);
  const taskId = await createTask(userId);
  await until(async () => (await statusOf(taskId)) === 'succeeded', PATIENT);
  const storage = createCosStorage(config.cos);
  const assets = createAssets({ db: database.db, clock, storage, signals });
  const { items } = await assets.list(userId, { kind: 'result', limit: 1 });
  const stored = () => sandbox.control.objects(`u/${userId}/results/`);
  expect(await stored()).toHaveLength(1);
  for (const { id } of items) await assets.remove(userId, id);
  await until(async () => (await stored()).length === 0, PATIENT);
  expect(await findings()).toEqual([]);
});

it.each([
  ['before the vendor is called', async (taskId: string) => (await statusOf(taskId)) !== 'pending'],
  [
    'while the vendor works',
    async (taskId: string) => {
      const attempts = await database.db
        .selectFrom('task_attempts')
        .select('id')
        .where('task_id', '=', taskId)
        .execute();
      return attempts.length > 0;
    },
  ],
])('finishes or refunds, once, a task whose worker is killed %s', async (_, isTime) => {
  const first = await startWorker('first');
  const userId = await makeUser();
  await buy(userId);
  await until(async () => (await quota(userId)) === 100, PATIENT);
  const taskId = await createTask(userId);
  await until(() => isTime(taskId), { ...PATIENT, everyMs: 1 });
  first.kill('SIGKILL');
  await first.exited();
  await startWorker('second');
  const status = await until(async () => {
    const now = await statusOf(taskId);
    return (now === 'succeeded' || now === 'failed') && now;
  }, PATIENT);
  expect(await quota(userId)).toBe(status === 'succeeded' ? 99 : 100);
  expect(await findings()).toEqual([]);
});
