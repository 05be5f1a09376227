import { systemClock } from '@yunshang/db';
import { until } from '@yunshang/devstack';
import { testDatabase, testRedisUrl, type TestDatabase } from '@yunshang/devstack/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Schedule } from '../src/schedules.ts';
import { createRunnerLock } from '../src/single-runner.ts';
import { startWorker, type TestWorker } from './bench.ts';

let database: TestDatabase;
let redisUrl: string;
let redis: Redis;
let workers: TestWorker[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(async () => {
  redisUrl = await testRedisUrl();
  redis = new Redis(redisUrl);
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(200)));
  workers = [];
  await redis.quit();
});

afterAll(() => database.close());

const start = (schedule: Schedule, url = redisUrl): TestWorker => {
  const worker = startWorker({ database, redisUrl: url, clock: systemClock, schedules: [schedule] });
  workers.push(worker);
  return worker;
};

it('runs a schedule once a period, however many workers there are', async () => {
  const runs: number[] = [];
  let beside = 0;
  let most = 0;
  const schedule: Schedule = {
    name: 'tick',
    everyMs: 300,
    lockMs: 5_000,
    run: async () => {
      runs.push(performance.now());
      beside += 1;
      most = Math.max(most, beside);
      await redis.ping();
      beside -= 1;
    },
  };
  for (let n = 0; n < 4; n += 1) start(schedule);
  await until(() => runs.length >= 6);
  expect(most).toBe(1);
  const gaps = runs.slice(1).map((at, index) => at - (runs[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(200);
});

it('runs again after a failure, and says what failed', async () => {
  let runs = 0;
  const worker = start({
    name: 'stumble',
    everyMs: 50,
    lockMs: 5_000,
    run: async () => {
      runs += 1;
      if (runs === 1) throw new Error('boom');
    },
  });
  await until(() => runs >= 3);
  const told = worker.lines.filter((line) => line['schedule'] === 'stumble');
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: 'error', err: { message: 'boom' } });
});

it('runs without Redis, too', async () => {
  let runs = 0;
  start({ name: 'alone', everyMs: 50, lockMs: 5_000, run: async () => (runs += 1) }, 'redis://127.0.0.1:1/0');
  await until(() => runs >= 2);
  expect(runs).toBeGreaterThanOrEqual(2);
});

it('takes over from a process that died holding the name, once its time is up', async () => {
  const lock = createRunnerLock(redis);
  expect(await lock.take('orphan', 200)).toBeTypeOf('object');
  expect(await lock.take('orphan', 200)).toBeUndefined();
  expect(await until(() => lock.take('orphan', 200))).toBeTypeOf('object');
});

it('does not free a name that somebody else holds by now', async () => {
  const lock = createRunnerLock(redis);
  const mine = await lock.take('contested', 10);
  const theirs = await until(() => lock.take('contested', 10_000));
  if (mine === undefined || mine === 'unknown' || theirs === 'unknown') throw new Error('no lock');
  await lock.release('contested', mine.token, 0);
  expect(await lock.take('contested', 10)).toBeUndefined();
  await lock.release('contested', theirs.token, 0);
  expect(await lock.take('contested', 10)).toBeTypeOf('object');
});
