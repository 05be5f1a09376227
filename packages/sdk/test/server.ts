import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appEnvironment, freePort, startProcess, type NodeProcess } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';

/** The server as its own process over this worker's database, Redis and sandbox. */
export type TestServer = {
  url: string;
  process: NodeProcess;
  database: TestDatabase;
  sandbox: TestSandbox;
  stop(): Promise<void>;
};

export async function startServer(env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const [database, redisUrl, sandbox, port] = await Promise.all([
    testDatabase(),
    testRedisUrl(),
    testSandbox(),
    freePort(),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'sdk-'));
  const url = `http://127.0.0.1:${port}`;
  const { databaseUrl } = database;
  const { settings } = sandbox;
  const variables = appEnvironment({ databaseUrl, redisUrl, publicUrl: url, vendorUrl: sandbox.url, settings });
  const main = 'apps/server/src/main.ts';
  const started = { name: 'server', main, folder, portVariable: 'PORT', port, env: { ...variables, ...env } };
  const process = await startProcess(started);
  return {
    url,
    process,
    database,
    sandbox,
    stop: async () => {
      await process.stop();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
