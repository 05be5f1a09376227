import { connect, migrate, seed, type Database } from '@yunshang/db';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { z } from 'zod';
import { vitestPoolId } from './config.ts';
import { emptyTables, ensureDatabase } from './database.ts';
import { sandboxControl, type SandboxControl } from './sandbox-control.ts';
import { vendorSettingsSchema, type VendorSettings } from './sandbox.ts';
import type { TestRun } from './test-run.ts';

const testRun = (): TestRun => inject('testRun');

export { mortalRedis, type MortalRedis } from './mortal-redis.ts';
export { testRedisCluster, type TestRedisCluster } from './redis-cluster.ts';

export type TestDatabase = Database & {
  databaseUrl: string;
  /** Empties all tables, also the append-only ones, and seeds again. */
  reset(): Promise<void>;
};

/**
 * This test worker's own database, migrated and freshly seeded. Call it once per file, at its top or in `beforeAll`.
 * The connection ends with the file.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { databaseUrl: server, databasePrefix } = testRun();
  const databaseUrl = await ensureDatabase({ databaseUrl: server }, `${databasePrefix}${vitestPoolId()}`);
  await migrate(databaseUrl);
  await resetDatabase(databaseUrl);
  return { ...connect(databaseUrl), databaseUrl, reset: () => resetDatabase(databaseUrl) };
}

/** Empties all tables of that database and seeds again. */
export async function resetDatabase(databaseUrl: string): Promise<void> {
  await emptyTables(databaseUrl);
  await seed(databaseUrl);
}

/** This test worker's own logical Redis database, emptied. */
export async function testRedisUrl(): Promise<string> {
  const url = new URL(testRun().redisUrl);
  url.pathname = `/${vitestPoolId()}`;
  const redis = new Redis(url.href);
  await redis.flushdb();
  await redis.quit();
  return url.href;
}

export type TestSandbox = { url: string; control: SandboxControl; settings: VendorSettings };

const brokered = z.object({ url: z.string(), settings: vendorSettingsSchema });

/** This test worker's own sandbox, reset: no orders, objects, messages, faults or log. */
export async function testSandbox(): Promise<TestSandbox> {
  const response = await fetch(`${testRun().sandboxBroker}/${vitestPoolId()}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const { url, settings } = brokered.parse(JSON.parse(text));
  const control = sandboxControl(url);
  await control.reset();
  return { url, settings, control };
}
