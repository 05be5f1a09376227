import { until } from '@yunshang/devstack';
import { testRedisUrl } from '@yunshang/devstack/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSignals, type Signals } from '../src/index.ts';
import { NUDGE_CHANNEL, taskChannel } from '../src/keys.ts';

const TASK = '01JHKZ8Y3N4V5W6X7Y8Z9A0B1E';

let redis: Redis;
let here: Signals;
let there: Signals;

beforeEach(async () => {
  const redisUrl = await testRedisUrl();
  redis = new Redis(redisUrl);
  here = createSignals(redisUrl);
  there = createSignals(redisUrl);
});

afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  await redis.quit();
});

const listeners = async (channel: string): Promise<number> => {
  const counted = await redis.pubsub('NUMSUB', channel);
  return Number(counted[1]);
};

it('calls once when listening begins, and then for every signal', async () => {
  let calls = 0;
  there.onTaskMoved(TASK, () => (calls += 1));
  await until(() => calls > 0);
  expect(calls).toBe(1);
  await until(() => {
    here.taskMoved(TASK);
    return calls >= 2;
  });
});

it('makes few messages of many nudges', async () => {
  let messages = 0;
  await redis.subscribe(NUDGE_CHANNEL);
  redis.on('message', () => (messages += 1));
  await until(() => {
    here.nudge();
    return messages > 0;
  });
  messages = 0;
  const endMs = performance.now() + 50;
  while (performance.now() < endMs) {
    for (let n = 0; n < 100; n += 1) here.nudge();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => messages > 0);
  expect(messages).toBeLessThanOrEqual(14); // 50 ms / 5 ms, the first, and what was on its way
  await redis.unsubscribe(NUDGE_CHANNEL);
});

it('hears a channel as long as anybody listens', async () => {
  const calls = { first: 0, second: 0 };
  const stopFirst = there.onTaskMoved(TASK, () => (calls.first += 1));
  const stopSecond = there.onTaskMoved(TASK, () => (calls.second += 1));
  await until(async () => (await listeners(taskChannel(TASK))) === 1);
  stopFirst();
  stopFirst(); // a second time changes nothing
  const before = { ...calls };
  await until(() => {
    here.taskMoved(TASK);
    return calls.second > before.second;
  });
  expect(calls.first).toBe(before.first);
  stopSecond();
  await until(async () => (await listeners(taskChannel(TASK))) === 0);
});

it('keeps a listener that came right after the last one left', async () => {
  there.onTaskMoved(TASK, () => {})();
  let calls = 0;
  there.onTaskMoved(TASK, () => (calls += 1));
  await until(() => calls >= 1);
  const before = calls;
  await until(() => {
    here.taskMoved(TASK);
    return calls > before;
  });
  expect(await listeners(taskChannel(TASK))).toBe(1);
});

it('goes on to the next listener when one throws', async () => {
  let calls = 0;
  there.onTaskMoved(TASK, () => {
    throw new Error('boom');
  });
  there.onTaskMoved(TASK, () => (calls += 1));
  await until(() => calls > 0);
  expect(calls).toBe(1);
});
