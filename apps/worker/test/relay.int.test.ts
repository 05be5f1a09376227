import { systemClock } from '@yunshang/db';
import { fakeClock, until } from '@yunshang/devstack';
import { testDatabase, testRedisUrl, type TestDatabase } from '@yunshang/devstack/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { inTransaction, newId, promiseJob, takeJobs } from '@yunshang/db';
import { outbox, promise, startWorker, type TestWorker, type TestWorkerOptions } from './bench.ts';

let database: TestDatabase;
let redisUrl: string;
let workers: TestWorker[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(async () => {
  redisUrl = await testRedisUrl();
  await database.db.deleteFrom('outbox').execute();
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(200)));
  workers = [];
});

afterAll(() => database.close());

function start(options: Partial<TestWorkerOptions> = {}): TestWorker {
  const worker = startWorker({ database, redisUrl, clock: systemClock, ...options });
  workers.push(worker);
  return worker;
}

const flush = async (): Promise<void> => {
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  await redis.quit();
};

it('delivers each of 300 rows once with two workers, and forgets them when done', async () => {
  const seen: string[] = [];
  const handlers = { 'task.run': async ({ taskId }: { taskId: string }) => (seen.push(taskId), 'done' as const) };
  const ids = await promise(database, systemClock, { count: 300 });
  start({ handlers });
  start({ handlers });
  await until(async () => (await outbox(database)).length === 0);
  expect(seen.toSorted()).toEqual(ids.toSorted());
});

it('delivers again what a crashed relay took and never added, after its visibility time', async () => {
  const clock = fakeClock();
  const [taskId] = await promise(database, clock);
  // The crash: the row is taken, its transaction committed, and nothing else happens.
  const ids = (await outbox(database)).map((row) => row.id);
  await inTransaction(database.db, (tx) => takeJobs(tx, clock.now(), { ids, visibilityMs: 60_000 }));
  const seen: string[] = [];
  const worker = start({ clock, handlers: { 'task.run': async (job) => (seen.push(job.taskId), 'done') } });
  await promise(database, clock, { job: 'order.reconcile' });
  await until(async () => (await outbox(database)).length === 1); // the relay has been round
  expect(seen).toEqual([]);
  clock.advance(60_000);
  worker.signals.nudge();
  await until(() => seen.length > 0);
  expect(seen).toEqual([taskId]);
});

it('delivers again what a flushed Redis forgot, waiting or running, and each ends once in the outbox', async () => {
  const clock = fakeClock();
  const ids = await promise(database, clock, { count: 7 });
  const gate = Promise.withResolvers<void>();
  const ended = new Map<string, number>();
  let begun = 0;
  start({
    clock,
    handlers: {
      'task.run': async ({ taskId }) => {
        begun += 1;
        await gate.promise;
        ended.set(taskId, (ended.get(taskId) ?? 0) + 1);
        return 'done';
      },
    },
  });
  await until(() => begun === 4); // three wait in Redis
  await until(async () => (await outbox(database)).every((row) => row.attempts === 1));
  await flush();
  gate.resolve();
  await until(() => ended.size === 4); // those that ran end without Redis knowing them
  clock.advance(60_000);
  await until(async () => (await outbox(database)).length === 0);
  expect([...ended.keys()].toSorted()).toEqual(ids.toSorted());
});

it('wakes within milliseconds of a nudge, long before its next look', async () => {
  const seen: number[] = [];
  const handlers = { 'task.run': async () => (seen.push(performance.now()), 'done' as const) };
  const worker = start({ handlers, config: { outboxPollMs: 600_000 } });
  await promise(database, systemClock);
  worker.signals.nudge();
  await until(() => seen.length === 1, { timeoutMs: 2_000 }); // connections are open from here on
  const delays: number[] = [];
  for (let round = 2; round < 12; round += 1) {
    await promise(database, systemClock);
    const nudgedMs = performance.now();
    worker.signals.nudge();
    await until(() => seen.length === round, { timeoutMs: 2_000, everyMs: 1 });
    delays.push((seen.at(-1) ?? 0) - nudgedMs);
  }
  const median = delays.toSorted((a, b) => a - b)[5] ?? Infinity;
  expect(median).toBeLessThan(100);
});

it('leaves alone what is due later', async () => {
  const clock = fakeClock();
  const [soon] = await promise(database, clock);
  const [later] = await promise(database, clock, { dueInMs: 15_000 });
  const seen: string[] = [];
  start({ clock, handlers: { 'task.run': async (job) => (seen.push(job.taskId), 'done') } });
  await until(() => seen.length === 1);
  expect(seen).toEqual([soon]);
  expect((await outbox(database)).map((row) => row.attempts)).toEqual([0]);
  clock.advance(15_000);
  await until(() => seen.length === 2);
  expect(seen).toEqual([soon, later]);
});

it('keeps the queue short, and lets another kind pass one whose queue is full', async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  start({
    handlers: {
      'task.run': async () => {
        await gate.promise;
        return 'done';
      },
      'order.reconcile': async ({ orderId }) => (seen.push(orderId), 'done'),
    },
    config: { concurrency: 2 },
  });
  await promise(database, systemClock, { count: 100 });
  await until(async () => (await outbox(database)).filter((row) => row.attempts > 0).length === 3);
  await promise(database, systemClock, { job: 'order.reconcile' });
  await until(() => seen.length === 1);
  const taken = (await outbox(database)).filter((row) => row.attempts > 0);
  // Two run, one waits; the other kind has passed them and its row may still be there.
  expect(taken.length).toBeLessThanOrEqual(4);
  gate.resolve();
  await until(async () => (await outbox(database)).length === 0);
});

it('takes nothing while Redis is away: no attempt is used up', async () => {
  const clock = fakeClock();
  await promise(database, clock);
  const worker = start({ clock, redisUrl: 'redis://127.0.0.1:1/0' });
  await until(() => worker.lines.some((line) => line['msg'] === 'the relay can not deliver; it keeps trying'));
  expect((await outbox(database)).map((row) => row.attempts)).toEqual([0]);
});

it('sets a row aside that no valid job can be made of, and says so', async () => {
  const clock = fakeClock();
  await database.db
    .insertInto('outbox')
    .values({
      job: 'dance',
      payload: JSON.stringify({ phone: '+8613800138000' }),
      dedup_key: 'test:dance',
      due_at: clock.now(),
      created_at: clock.now(),
    })
    .execute();
  const worker = start({ clock });
  await until(async () => ((await failuresOf())[0] ?? 0) === 1);
  for (let failures = 2; failures <= 12; failures += 1) {
    clock.advance(300_000);
    await until(async () => (await failuresOf())[0] === failures);
  }
  await until(() => worker.lines.some((line) => line['msg'] === 'dead letter: this job is not valid'));
  expect((await outbox(database))[0]?.due_at.getUTCFullYear()).toBe(9999);
  expect(JSON.stringify(worker.lines)).not.toContain('13800138000');
});

const failuresOf = async (): Promise<number[]> =>
  (await database.db.selectFrom('outbox').select('failures').execute()).map((row) => row.failures);

/** `count` jobs of a member on that plan level, due now. */
async function promiseFor(userId: string, count: number, priority = 1): Promise<string[]> {
  const now = systemClock.now();
  const ids = Array.from({ length: count }, () => newId());
  await inTransaction(database.db, async (tx) => {
    for (const taskId of ids)
      await promiseJob(tx, {
        job: 'task.run',
        payload: { taskId },
        dedupKey: `test:${taskId}`,
        now,
        owner: { userId, priority },
      });
  });
  return ids;
}

it('begins the single task of one member within a round of slots, however many another has waiting', async () => {
  const concurrency = 4;
  const begun: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const worker = start({
    config: { concurrency },
    handlers: {
      'task.run': async ({ taskId }) => {
        const gate = Promise.withResolvers<void>();
        gates.set(taskId, gate);
        begun.push(taskId);
        await gate.promise;
        return 'done';
      },
    },
  });
  const open = (taskId: string | undefined): void => gates.get(taskId ?? '')?.resolve();
  await promiseFor(newId(), 500);
  worker.signals.nudge();
  await until(() => begun.length === concurrency);
  // Every slot is taken and the queue is as full as one member may make it.
  await until(async () => (await outbox(database)).filter((row) => row.attempts > 0).length === 2 * concurrency - 1);
  const [single] = await promiseFor(newId(), 1);
  worker.signals.nudge();
  await until(async () => (await outbox(database)).at(-1)?.attempts === 1);
  for (let ended = 0; ended < concurrency; ended += 1) {
    open(begun[ended]);
    await until(() => begun.length > concurrency + ended);
  }
  // Alone it would have waited for no slot, here for less than one round of them.
  expect(begun.indexOf(single ?? '')).toBeGreaterThanOrEqual(concurrency);
  expect(begun.indexOf(single ?? '')).toBeLessThan(2 * concurrency);
  await database.db.deleteFrom('outbox').execute();
  for (const gate of gates.values()) gate.resolve();
});
