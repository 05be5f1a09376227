import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { appEnvironment, makeBilledOrders } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { createCosStorage } from '@yunshang/pipeline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readConfig } from '../src/config.ts';

vi.setConfig({ testTimeout: 60_000 });

const DAY_MS = 86_400_000;
const SHANGHAI_MS = 8 * 3_600_000;
const today = Math.trunc((Date.now() + SHANGHAI_MS) / DAY_MS) * DAY_MS - SHANGHAI_MS;
const paidAt = new Date(today - 1.5 * DAY_MS);
const day = new Date(paidAt.getTime() + SHANGHAI_MS).toISOString().slice(0, 10);

let database: TestDatabase;
let sandbox: TestSandbox;
let env: Record<string, string>;
beforeAll(async () => {
  database = await testDatabase();
  sandbox = await testSandbox();
  env = appEnvironment({
    databaseUrl: database.databaseUrl,
    redisUrl: await testRedisUrl(),
    publicUrl: 'http://127.0.0.1:1',
    vendorUrl: sandbox.url,
    settings: sandbox.settings,
  });
  const shop = { db: database.db, control: sandbox.control, mchid: sandbox.settings.mchid };
  await makeBilledOrders(shop, { count: 3, paidAt });
});
afterAll(() => database.close());

function reconcile(args: string[]): Promise<{ code: unknown; output: string }> {
  const main = join(import.meta.dirname, '../src/reconcile-main.ts');
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, ['--conditions=yunshang-src', main, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` }),
    );
  });
}

it('pnpm reconcile says what it compared, keeps the bills with their hash, and ends with what is left', async () => {
  const { code, output } = await reconcile([day]);
  expect(output).toContain('收款 payments: there 3 (297.00), here 3 (297.00), matched 3');
  expect(output).toContain('差异 differences: 0 found, 0 healed, 0 gone');
  expect(code).toBe(0);
  const row = await database.db.selectFrom('reconciliation_runs').select('bills').executeTakeFirstOrThrow();
  const bills: unknown = typeof row.bills === 'string' ? JSON.parse(row.bills) : row.bills;
  expect(bills).toMatchObject([
    { kind: 'trade', rows: 3 },
    { kind: 'fund_flow', rows: 6 },
  ]);
  const objects = await sandbox.control.objects(`reconciliation/${day}/`);
  expect(objects).toHaveLength(2);
  for (const { key } of objects) {
    const packed = await createCosStorage(readConfig(env).cos).get(key);
    const sha1 = createHash('sha1')
      .update(gunzipSync(packed ?? Buffer.alloc(0)))
      .digest('hex');
    expect(key).toContain(sha1);
  }
});

it('ends with 1 while a difference is left and with 2 when it can not compare', async () => {
  const [{ transaction_id: number } = { transaction_id: '' }] = await database.db
    .selectFrom('payment_transactions')
    .select('transaction_id')
    .limit(1)
    .execute();
  await sandbox.control.bill({ day, kind: 'trade', edits: [{ op: 'drop', number }] });
  const left = await reconcile([day]);
  expect(left.output).toContain(`critical credited_not_there ${number} [open, finance] hereFen=9900`);
  expect(left.code).toBe(1);
  await sandbox.control.bill({ day, kind: 'trade', creatingFor: 1 });
  expect(await reconcile([day])).toMatchObject({ code: 2, output: expect.stringContaining('账单生成中') });
  expect(await reconcile([day, 'nobody'])).toMatchObject({ code: 2, output: expect.stringContaining('usage') });
  expect(await reconcile(['yesterday'])).toMatchObject({ code: 2, output: expect.stringContaining('usage') });
  expect(await reconcile(['2020-01-01'])).toMatchObject({ code: 2, output: expect.stringContaining('INPUT_INVALID') });
});

it('says which vendor could not be read, and never that all is well', async () => {
  const yesterday = new Date(today - DAY_MS / 2 + SHANGHAI_MS).toISOString().slice(0, 10);
  const well = await reconcile([yesterday, 'provider']);
  expect(well).toMatchObject({ code: 0, output: expect.stringContaining('accounts: 3, 0 could not be read 未能读取') });
  await sandbox.control.fault({ vendor: 'sms', kind: 'error', times: 'always' });
  const unread = await reconcile([yesterday, 'provider']);
  await sandbox.control.clearFaults();
  const line = `warning consumption_unread tencent_sms:${yesterday} [open, operator] account=tencent_sms why=`;
  expect(unread.output).toContain(line);
  expect(unread.code).toBeGreaterThan(0);
});
