import { connect, type Database, inTransaction, type Tx } from '@yunshang/db';
import { startStack, type Stack, until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import type { Yunshang } from '@yunshang/sdk';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { basicMember, smallPhoto } from '../src/members.ts';

let stack: Stack;
let database: Database;
let ys: Yunshang;
let photo: string;

/** Recovery in seconds instead of a minute. */
const FAST = { OUTBOX_POLL_MS: '100', OUTBOX_VISIBILITY_MS: '1500', TASK_LEASE_MS: '1500' };

vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  stack = await startStack({ timeScale: 0.01, env: FAST });
  database = connect(stack.databaseUrl);
  ys = await basicMember(stack);
  photo = (await ys.uploads.put(await smallPhoto())).id;
});
afterEach(() => stack.sandbox.control.clearFaults());
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

const create = (): ReturnType<Yunshang['tasks']['create']> =>
  ys.tasks.create({ featureId: 'basic_clean', input: { photo } });
const matting = async (): Promise<number> => (await stack.sandbox.control.log({ vendor: 'ci' })).length;
const available = async (): Promise<number> => (await ys.quota.balance()).available;

/** Holds a lock while `work` runs, so that a process stands still at a known statement. */
async function holding(lock: (tx: Tx) => Promise<unknown>, work: () => Promise<void>): Promise<void> {
  await inTransaction(database.db, async (tx) => {
    await lock(tx);
    await work();
  });
}

async function killWorker(): Promise<void> {
  stack.worker.kill('SIGKILL');
  await stack.worker.exited();
}

async function statusIs(taskId: string, status: string): Promise<void> {
  await until(async () => (await ys.tasks.get(taskId)).status === status, {
    what: `the task to be ${status}`,
    timeoutMs: 30_000,
  });
}

test('a worker killed before it calls the vendor: another run does the work, once', async () => {
  const [calls, balance] = [await matting(), await available()];
  const task = await holdAttempts();
  await stack.worker.restart();
  expect((await ys.tasks.wait(task)).status).toBe('succeeded');
  expect(await matting()).toBe(calls + 1);
  expect(await available()).toBe(balance - 1);

  async function holdAttempts(): Promise<string> {
    let taskId = '';
    // An attempt's row refers to its provider's: while that is locked, no attempt is committed, so no vendor is called.
    await holding(
      (tx) => tx.selectFrom('provider_endpoints').select('provider_ref').forUpdate().execute(),
      async () => {
        taskId = (await create()).id;
        await statusIs(taskId, 'processing');
        await killWorker();
        expect(await matting()).toBe(calls);
      },
    );
    return taskId;
  }
});

test('a worker killed after the vendor has done the work: the result is found, not paid for again', async () => {
  const [calls, balance] = [await matting(), await available()];
  await stack.sandbox.control.fault({ vendor: 'ci', kind: 'timeout_after_commit' });
  const task = await create();
  await until(async () => (await matting()) === calls + 1, { what: 'the vendor to be called', timeoutMs: 20_000 });
  // The sandbox logs a call when it has answered it or, as here, done it.
  await until(async () => (await stack.sandbox.control.objects('')).some((object) => object.key.includes(task.id)), {
    what: 'the vendor’s result',
    timeoutMs: 20_000,
  });
  await killWorker();
  await stack.worker.restart();
  expect((await ys.tasks.wait(task.id)).status).toBe('succeeded');
  const submissions = (await stack.sandbox.control.log({ vendor: 'ci' })).slice(calls);
  expect(submissions.length).toBe(1);
  expect(await available()).toBe(balance - 1);
});

test('a worker killed between the result and settling: settled once', async () => {
  const [calls, balance] = [await matting(), await available()];
  const { user_id: userId } = await database.db
    .selectFrom('assets')
    .select('user_id')
    .where('id', '=', photo)
    .executeTakeFirstOrThrow();
  const task = await create();
  await holding(
    (tx) => tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute(),
    async () => {
      await until(
        async () => (await stack.sandbox.control.objects('')).some(({ key }) => key.includes(`/results/${task.id}/`)),
        { what: 'the result in our bucket', timeoutMs: 15_000 },
      );
      const row = await database.db
        .selectFrom('tasks')
        .select('status')
        .where('id', '=', task.id)
        .executeTakeFirstOrThrow();
      expect(row.status).toBe('processing');
      await killWorker();
    },
  );
  await stack.worker.restart();
  expect((await ys.tasks.wait(task.id)).status).toBe('succeeded');
  expect(await matting()).toBe(calls + 1);
  expect(await available()).toBe(balance - 1);
});

test('a server killed after the commit and before its answer: the same call again finds the task, charged once', async () => {
  const balance = await available();
  const options = { idempotencyKey: 'killed-after-commit' };
  const first = ys.tasks.create({ featureId: 'basic_clean', input: { photo } }, options).catch(() => undefined);
  const stored = () =>
    database.db
      .selectFrom('idempotency_keys')
      .select('resource_id')
      .where('idem_key', '=', options.idempotencyKey)
      .executeTakeFirst();
  const row = await until(stored, { what: 'the commit', everyMs: 1 });
  stack.server.kill('SIGKILL');
  await stack.server.exited();
  await stack.server.restart();
  await first;
  const again = await ys.tasks.create({ featureId: 'basic_clean', input: { photo } }, options);
  expect(again.id).toBe(row.resource_id);
  expect((await ys.tasks.wait(again.id)).status).toBe('succeeded');
  expect(await available()).toBe(balance - 1);
});

test('progress survives a killed server: every event once, in order', async () => {
  await stack.sandbox.control.fault({ vendor: 'ci', kind: 'slow', ms: 3000 });
  const task = await create();
  const seen: string[] = [];
  for await (const event of ys.tasks.watch(task.id)) {
    seen.push(event.status);
    if (seen.length === 1) {
      stack.server.kill('SIGKILL');
      await stack.server.exited();
      await stack.server.restart();
    }
  }
  const rows = await database.db
    .selectFrom('task_events')
    .select('status')
    .where('task_id', '=', task.id)
    .orderBy('id')
    .execute();
  expect(seen).toEqual(rows.map((row) => row.status));
});

test('Redis flushed while tasks run, with two workers: everything ends, nothing twice', async () => {
  const [calls, balance] = [await matting(), await available()];
  const second = await stack.addWorker();
  const redis = new Redis(stack.redisUrl);
  const tasks = await Promise.all(Array.from({ length: 8 }, create));
  const tests = { running: true };
  const flushing = (async () => {
    for (let i = 0; tests.running && i < 100; i += 1) {
      await redis.flushall();
      await ys.quota.balance();
    }
  })();
  const ended = await Promise.all(tasks.map((task) => ys.tasks.wait(task.id)));
  tests.running = false;
  await flushing;
  await redis.quit();
  await second.stop();
  expect(ended.map((task) => task.status)).toEqual(tasks.map(() => 'succeeded'));
  expect(await available()).toBe(balance - 8);
  expect(await matting()).toBe(calls + 8);
});

const attempts = async (): Promise<number> =>
  (await database.db.selectFrom('task_attempts').select('id').execute()).length;

test('workers killed again and again while both providers fail and recover: every task ends once', async () => {
  const balance = await available();
  await stack.sandbox.control.fault({ vendor: 'ci', kind: 'error', times: 6 });
  const tasks = await Promise.all(Array.from({ length: 6 }, create));
  for (let kill = 0; kill < 3; kill += 1) {
    const before = await attempts();
    await until(async () => (await attempts()) > before, { what: 'another attempt', timeoutMs: 5000 }).catch(
      () => undefined,
    );
    await killWorker();
    await stack.worker.restart();
  }
  const ended = await Promise.all(tasks.map((task) => ys.tasks.wait(task.id)));
  const charged = ended.filter((task) => task.status === 'succeeded').length;
  expect(ended.every((task) => task.status === 'succeeded' || (task.status === 'failed' && task.charge.refunded))).toBe(
    true,
  );
  expect(await available()).toBe(balance - charged);
});

test('the books are in order, and no vendor was called without a charge', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
  const charged = new Set(
    (await database.db.selectFrom('quota_charges').select('task_id').execute()).map((row) => row.task_id),
  );
  const calls = await stack.sandbox.control.log({ vendor: 'ci' });
  // Each result goes to work/<member>/<task>/…
  const named = calls.map((call) => call.ids['result']?.split('/')[2] ?? 'none');
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((taskId) => !charged.has(taskId))).toEqual([]);
});
