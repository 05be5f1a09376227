import { mortalRedis, testRedisUrl } from '@yunshang/devstack/testing';
import { until } from '@yunshang/devstack';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSharedSlots } from '../src/index.ts';

let redis: Redis;
beforeAll(async () => {
  redis = new Redis(await testRedisUrl());
});
afterAll(() => redis.disconnect());

const limits = (ref: string, maxConcurrency: number, ratePerMinute: number | null = null) => ({
  ref,
  maxConcurrency,
  ratePerMinute,
});

test('two workers share one limit, whoever comes first', async () => {
  const workers = [createSharedSlots(redis), createSharedSlots(redis)];
  const taken = await Promise.all(
    workers.flatMap((slots, w) =>
      Array.from({ length: 10 }, (_, i) => slots.take(limits('shared', 3), `holder-${w}-${i}`, 60_000)),
    ),
  );
  expect(taken.filter(Boolean)).toHaveLength(3);
});

test("a slot that is freed is another's; who holds one keeps it when asked again", async () => {
  const slots = createSharedSlots(redis);
  expect(await slots.take(limits('freed', 1), 'first', 60_000)).toBe(true);
  expect(await slots.take(limits('freed', 1), 'first', 60_000)).toBe(true);
  expect(await slots.take(limits('freed', 1), 'second', 60_000)).toBe(false);
  await slots.free('freed', 'first');
  expect(await slots.take(limits('freed', 1), 'second', 60_000)).toBe(true);
});

test('the slot of a worker that died ends by itself', async () => {
  const slots = createSharedSlots(redis);
  expect(await slots.take(limits('dead', 1), 'dead', 100)).toBe(true);
  await until(() => slots.take(limits('dead', 1), 'alive', 60_000), { what: 'the end of the lease' });
});

test('no more calls a minute than are allowed, also when each is short', async () => {
  const slots = createSharedSlots(redis);
  const taken: boolean[] = [];
  for (let i = 0; i < 5; i++) {
    taken.push(await slots.take(limits('rated', 10, 3), `call-${i}`, 60_000));
    await slots.free('rated', `call-${i}`);
  }
  expect(taken).toEqual([true, true, true, false, false]);
});

test('while Redis is away each process keeps the limit by itself', async () => {
  const mortal = await mortalRedis();
  const away = new Redis(mortal.redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 500 });
  away.on('error', () => undefined);
  const slots = createSharedSlots(away);
  await mortal.stop();
  expect(await slots.take(limits('away', 1), 'first', 60_000)).toBe(true);
  expect(await slots.take(limits('away', 1), 'second', 60_000)).toBe(false);
  await slots.free('away', 'first');
  expect(await slots.take(limits('away', 1), 'second', 60_000)).toBe(true);
  away.disconnect();
});
