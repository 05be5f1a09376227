import { isAppError } from '@yunshang/contracts';
import { until } from '@yunshang/devstack';
import { testRedisUrl } from '@yunshang/devstack/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createQueue } from '../src/index.ts';
import { KEY_PREFIX } from '../src/keys.ts';
import { TASK_ID, openBench, type Bench } from './setting.ts';

let redisUrl: string;
let bench: Bench;
let redis: Redis;

beforeEach(async () => {
  redisUrl = await testRedisUrl();
  redis = new Redis(redisUrl);
  bench = openBench(redisUrl);
  await ready(bench);
});

afterEach(async () => {
  await bench.close(200);
  await redis.quit();
});

/** Until the queue has its connection. */
const ready = ({ queue }: Bench) =>
  until(() =>
    queue.counts().then(
      () => true,
      () => false,
    ),
  );

it('hands each kind of job to its handler, with the promise it belongs to', async () => {
  const refused = await bench.queue.addMany([
    { job: 'task.run', payload: { taskId: TASK_ID }, jobId: '7-1' },
    { job: 'order.reconcile', payload: { orderId: TASK_ID, check: 0 }, jobId: '8-3' },
  ]);
  await until(() => bench.seen.length === 2);
  expect(refused).toEqual([]);
  expect(bench.seen).toContainEqual({ job: 'task.run', taskId: TASK_ID, meta: { outboxId: 7, attempt: 1 } });
  expect(bench.seen).toContainEqual({ job: 'order.reconcile', meta: { outboxId: 8, attempt: 3 } });
});

it('keeps all its keys in one slot and leaves nothing of a finished job behind', async () => {
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  await until(async () => (await bench.queue.counts())['task.run'].active === 0);
  const keys = await redis.keys('*');
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !key.startsWith(`${KEY_PREFIX}:`))).toEqual([]);
  expect(keys.filter((key) => key.endsWith(':1-1'))).toEqual([]);
});

it('runs a delivery once while Redis holds it, and the next attempt again', async () => {
  const slow = Promise.withResolvers<void>();
  await bench.close();
  bench = openBench(redisUrl, () => slow.promise);
  await ready(bench);
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  await bench.deliver(1);
  await bench.deliver(1, 2);
  await until(() => bench.seen.length === 2);
  slow.resolve();
  await until(async () => (await bench.queue.counts())['task.run'].active === 0);
  expect(bench.seen.map(({ meta }) => meta.attempt)).toEqual([1, 2]);
});

it('runs 500 deliveries of two consumers once each', async () => {
  const other = openBench(redisUrl);
  const ids = Array.from({ length: 500 }, (_, index) => index + 1);
  await bench.queue.addMany(ids.map((id) => ({ job: 'task.run', payload: { taskId: TASK_ID }, jobId: `${id}-1` })));
  await until(() => bench.seen.length + other.seen.length >= 500);
  const seen = [...bench.seen, ...other.seen].map(({ meta }) => meta.outboxId).sort((a, b) => a - b);
  expect(seen).toEqual(ids);
  await other.close();
});

it('refuses at the sender what the catalogue does not allow, without quoting it, and adds the rest', async () => {
  const refused = await bench.queue.addMany([
    { job: 'task.run', payload: { taskId: '+8613800138000' }, jobId: '1-1' },
    { job: 'dance', payload: {}, jobId: '2-1' },
    { job: 'task.run', payload: { taskId: TASK_ID }, jobId: 'three' },
    { job: 'task.run', payload: { taskId: TASK_ID }, jobId: '4-1' },
  ]);
  expect(refused).toEqual([
    { jobId: '1-1', reason: 'payload: taskId invalid_format' },
    { jobId: '2-1', reason: 'unknown job' },
    { jobId: 'three', reason: 'malformed job id' },
  ]);
  await until(() => bench.seen.length === 1);
  expect(bench.seen[0]?.meta.outboxId).toBe(4);
});

it('drops an invalid payload at the receiver, says so, and goes on', async () => {
  const foreign = new Queue('task.run', { connection: redis, prefix: KEY_PREFIX });
  await foreign.add('task.run', { taskId: 'nonsense' }, { jobId: '5-2' });
  await foreign.add('task.run', 'not even an object', { jobId: 'no id of ours' });
  await bench.deliver(6);
  await until(() => bench.seen.length === 1 && bench.refused.length === 1);
  expect(bench.refused).toEqual([
    { job: 'task.run', meta: { outboxId: 5, attempt: 2 }, reason: 'payload: taskId invalid_format' },
  ]);
  await until(() => bench.log.lines.filter(({ message }) => message === 'job refused').length === 2);
  expect(JSON.stringify(bench.log.lines)).not.toContain('nonsense');
  expect(bench.seen[0]?.meta.outboxId).toBe(6);
  await foreign.close();
});

it('survives a handler that throws: says so once, forgets the job, and takes the next', async () => {
  await bench.close();
  bench = openBench(redisUrl, async ({ outboxId }) => {
    if (outboxId === 1) throw new Error('boom');
  });
  await ready(bench);
  await bench.deliver(1);
  await bench.deliver(2);
  await until(() => bench.seen.length === 2);
  await until(async () => (await redis.exists(`${KEY_PREFIX}:task.run:1-1`)) === 0);
  expect(bench.log.lines.filter(({ message }) => message === 'a handler threw')).toHaveLength(1);
});

it('waits for running jobs when it closes, and takes no new ones', async () => {
  const slow = Promise.withResolvers<void>();
  await bench.close();
  bench = openBench(redisUrl, () => slow.promise);
  await ready(bench);
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  const closing = bench.close();
  const late = createQueue(redisUrl);
  await until(() =>
    late.addMany([{ job: 'task.run', payload: { taskId: TASK_ID }, jobId: '2-1' }]).then(
      () => true,
      () => false,
    ),
  );
  slow.resolve();
  expect(await closing).toEqual({ abandoned: 0 });
  expect(bench.seen).toHaveLength(1);
  expect((await late.counts())['task.run'].waiting).toBe(1);
  await late.close();
});

it('leaves a job behind that outlasts the grace', async () => {
  await bench.close();
  bench = openBench(redisUrl, () => new Promise(() => {}));
  await ready(bench);
  await bench.deliver(1);
  await until(() => bench.seen.length === 1);
  expect(await bench.close(50)).toEqual({ abandoned: 1 });
});

it('fails at once, with a code, when there is no Redis', async () => {
  const nowhere = createQueue('redis://127.0.0.1:1/0');
  const startedMs = performance.now();
  const error: unknown = await nowhere.addMany([]).catch((caught: unknown) => caught);
  expect(isAppError(error, 'SERVICE_UNAVAILABLE')).toBe(true);
  expect(performance.now() - startedMs).toBeLessThan(500);
  await nowhere.close();
});
