import { until } from '@yunshang/devstack';
import { testRedisCluster, type TestRedisCluster } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSignals } from '../src/index.ts';
import { TASK_ID, openBench } from './setting.ts';

let cluster: TestRedisCluster;

beforeAll(async () => {
  cluster = await testRedisCluster();
});
afterAll(() => cluster.stop());

it('carries each job once over a Redis Cluster, whatever its kind', async () => {
  const bench = openBench(cluster.redisUrl);
  const deliveries = Array.from({ length: 100 }, (_, index) => ({
    job: index % 2 === 0 ? 'task.run' : 'order.reconcile',
    payload: index % 2 === 0 ? { taskId: TASK_ID } : { orderId: TASK_ID, check: 0 },
    jobId: `${index + 1}-1`,
  }));
  expect(await bench.queue.addMany(deliveries)).toEqual([]);
  await until(() => bench.seen.length >= 100);
  expect(bench.seen.map(({ meta }) => meta.outboxId).toSorted((a, b) => a - b)).toEqual(
    deliveries.map((_, index) => index + 1),
  );
  const counts = await bench.queue.counts();
  await until(async () => Object.values(await bench.queue.counts()).every(({ active }) => active === 0));
  expect(Object.values(counts).map(({ waiting }) => waiting)).toEqual(Object.keys(counts).map(() => 0));
  expect(await bench.close()).toEqual({ abandoned: 0 });
  expect(bench.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

it('carries signals from one process to another over a Redis Cluster', async () => {
  const [one, other] = [createSignals(cluster.redisUrl), createSignals(cluster.redisUrl)];
  let nudges = 0;
  let moves = 0;
  other.onNudge(() => void (nudges += 1));
  other.onTaskMoved(TASK_ID, () => void (moves += 1));
  await until(() => nudges > 0 && moves > 0); // it listens
  const before = { nudges, moves };
  await until(() => {
    one.nudge();
    one.taskMoved(TASK_ID);
    return nudges > before.nudges && moves > before.moves;
  });
  expect([nudges, moves].every((count) => count > 1)).toBe(true);
  await Promise.all([one.close(), other.close()]);
});
