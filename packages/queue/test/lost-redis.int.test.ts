import { isAppError } from '@yunshang/contracts';
import { until } from '@yunshang/devstack';
import { mortalRedis, type MortalRedis } from '@yunshang/devstack/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSignals } from '../src/index.ts';
import { TASK_ID, openBench, type Bench } from './setting.ts';

let server: MortalRedis;
let bench: Bench;

beforeEach(async () => {
  server = await mortalRedis();
});

afterEach(async () => {
  await bench.close(500);
  await server.stop();
});

const worksAgain = () =>
  until(() =>
    bench.queue.counts().then(
      () => true,
      () => false,
    ),
  );

it('loses what waits when Redis is flushed, and carries on with what is delivered again', async () => {
  const slow = Promise.withResolvers<void>();
  bench = openBench(server.redisUrl, () => slow.promise);
  await worksAgain();
  for (const id of [1, 2, 3, 4, 5, 6]) await bench.deliver(id);
  await until(() => bench.seen.length === 4);
  const admin = new Redis(server.redisUrl);
  await admin.flushall();
  await admin.quit();
  slow.resolve(); // four end without Redis knowing them
  for (const id of [5, 6]) await bench.deliver(id, 2);
  await until(() => bench.seen.length === 6);
  expect(bench.seen.slice(4).map(({ meta }) => meta)).toEqual([
    { outboxId: 5, attempt: 2 },
    { outboxId: 6, attempt: 2 },
  ]);
  await bench.deliver(7);
  await until(() => bench.seen.length === 7);
});

it('wakes a consumer that was waiting while Redis was flushed', async () => {
  bench = openBench(server.redisUrl);
  await worksAgain();
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  const admin = new Redis(server.redisUrl);
  await admin.flushall();
  await admin.quit();
  await bench.deliver(2);
  await until(() => bench.seen.length === 2, { timeoutMs: 2_000 });
  expect(bench.seen[1]?.meta.outboxId).toBe(2);
});

it('fails fast while Redis is dead and takes up work when it comes back empty', async () => {
  bench = openBench(server.redisUrl);
  await worksAgain();
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  await server.kill();
  const startedMs = performance.now();
  const error: unknown = await bench.deliver(2).catch((caught: unknown) => caught);
  expect(isAppError(error, 'SERVICE_UNAVAILABLE')).toBe(true);
  expect(performance.now() - startedMs).toBeLessThan(500);
  await server.revive();
  await worksAgain();
  await bench.deliver(2, 2);
  await until(() => bench.seen.length === 2, { timeoutMs: 5_000 });
  // Each connection tells its trouble once, however often it tried.
  const told = bench.log.lines.filter(({ message }) => message === 'Redis is away');
  expect(told.map(({ details }) => details)).toHaveLength(2);
});

it('finishes a job that runs while Redis dies', async () => {
  const slow = Promise.withResolvers<void>();
  let finished = 0;
  bench = openBench(server.redisUrl, async () => {
    await slow.promise;
    finished += 1;
  });
  await worksAgain();
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  await server.kill();
  slow.resolve();
  await until(() => finished === 1);
  await server.revive();
  await worksAgain();
  await bench.deliver(2);
  await until(() => finished === 2, { timeoutMs: 5_000 });
  expect(bench.seen).toHaveLength(2);
});

it('closes within its grace while Redis is dead', async () => {
  bench = openBench(server.redisUrl);
  await worksAgain();
  await server.kill();
  const startedMs = performance.now();
  await bench.close(10_000);
  expect(performance.now() - startedMs).toBeLessThan(6_000);
});

it('signals nothing and throws nothing while Redis is dead, and lets everybody look when it is back', async () => {
  bench = openBench(server.redisUrl);
  const signals = createSignals(server.redisUrl);
  let nudged = 0;
  let moved = 0;
  signals.onNudge(() => (nudged += 1));
  signals.onTaskMoved(TASK_ID, () => (moved += 1));
  await until(() => nudged === 1 && moved === 1); // listening has begun
  await server.kill();
  for (let n = 0; n < 50; n += 1) signals.nudge();
  const stop = signals.onTaskMoved('01JHKZ8Y3N4V5W6X7Y8Z9A0B1D', () => {});
  stop();
  await server.revive();
  await until(() => nudged === 2 && moved === 2);
  await until(() => {
    signals.taskMoved(TASK_ID);
    return moved >= 3;
  });
  expect(nudged).toBe(2);
  await signals.close();
});
