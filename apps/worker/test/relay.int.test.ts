import { systemClock } from '@yunshang/db';
import { fakeClock, until } from '@yunshang/devstack';
import { testDatabase, testRedisUrl, type TestDatabase } from '@yunshang/devstack/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { inTransaction, takeDueJobs } from '@yunshang/db';
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
  await inTransaction(database.db, (tx) => takeDueJobs(tx, clock.now(), { limit: 10, visibilityMs: 60_000 }));
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
  const ids = await promise(database, clock, { count: 12 });
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
  await until(() => begun === 4); // eight wait in Redis
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
  await until(async () => (await outbox(database)).filter((row) => row.attempts > 0).length >= 16);
  await promise(database, systemClock, { job: 'order.reconcile' });
  await until(() => seen.length === 1);
  const taken = (await outbox(database)).filter((row) => row.attempts > 0);
  expect(taken.length).toBeLessThanOrEqual(2 * 16 + 2);
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
  await until(() => worker.lines.some((line) => line['msg'] === 'dead letter: this job is not valid'));
  await until(async () => (await outbox(database))[0]?.due_at.getTime() === clock.now().getTime() + 3_600_000);
  expect(JSON.stringify(worker.lines)).not.toContain('13800138000');
});
