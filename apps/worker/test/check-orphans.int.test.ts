import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { newId } from '@yunshang/db';
import { appEnvironment, makeMember } from '@yunshang/devstack';
import { testDatabase, testRedisUrl, testSandbox, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  database = await testDatabase();
  const sandbox = await testSandbox();
  env = appEnvironment({
    databaseUrl: database.databaseUrl,
    redisUrl: await testRedisUrl(),
    publicUrl: 'http://127.0.0.1:1',
    vendorUrl: sandbox.url,
    settings: sandbox.settings,
  });
});
afterAll(() => database.close());

function run(args: string[], more: Record<string, string> = {}): Promise<{ code: unknown; output: string }> {
  const main = join(import.meta.dirname, '../src/check-orphans-main.ts');
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env, ...more } };
    execFile(process.execPath, ['--conditions=yunshang-src', main, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` }),
    );
  });
}

it('tells rows whose object is missing, and ends with 1 for them', async () => {
  expect(await run([])).toMatchObject({ code: 0, output: expect.stringContaining('0 rows without object') });
  const member = await makeMember(database.db);
  const { code, output } = await run(['--remove']);
  expect(code).toBe(1);
  expect(output).toContain(`row without object: ${member.assetId} u/${member.userId}/`);
});

it('ends with 2 when it can not look, or is asked for something else', async () => {
  expect(await run([], { COS_DOMAIN: '127.0.0.1:9/{Bucket}' })).toMatchObject({ code: 2 });
  expect(await run([`--delete=${newId()}`])).toMatchObject({ code: 2, output: expect.stringContaining('usage') });
});
