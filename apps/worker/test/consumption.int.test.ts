import { tencentSmsAccount } from '@yunshang/accounts';
import { watchSmsPackage } from '@yunshang/billing';
import { systemClock } from '@yunshang/db';
import { appEnvironment } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readConfig, type ProcessConfig } from '../src/config.ts';

let database: TestDatabase;
let sandbox: TestSandbox;
let smsAccount: NonNullable<ProcessConfig['smsAccount']>;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  const config = readConfig(
    appEnvironment({
      databaseUrl: database.databaseUrl,
      redisUrl: await testRedisUrl(),
      publicUrl: 'http://127.0.0.1:1',
      vendorUrl: sandbox.url,
      settings: sandbox.settings,
    }),
  );
  if (config.smsAccount === undefined) throw new Error('no application of messages is configured');
  smsAccount = config.smsAccount;
});
beforeEach(() => sandbox.control.reset());
afterAll(() => database.close());

it('few text messages left are told of once a day, and not while the vendor does not say how many', async () => {
  const { application, lowMessages } = smsAccount;
  const account = tencentSmsAccount(application);
  const watch = () =>
    watchSmsPackage({ db: database.db, clock: systemClock, left: (now) => account.left(now), lowMessages });
  await sandbox.control.smsCharges([{ at: new Date(), segments: 9_000 }]);
  expect(await watch()).toBe(false);
  await sandbox.control.smsCharges([{ at: new Date(), segments: 1 }]);
  await sandbox.control.fault({ vendor: 'sms', kind: 'error' });
  await expect(watch()).rejects.toMatchObject({ code: 'InternalError.Timeout' });
  expect((await Promise.all([watch(), watch()])).filter(Boolean)).toHaveLength(1);
  const told = await database.db
    .selectFrom('alerts')
    .select('details')
    .where('kind', '=', 'vendor_account_low')
    .execute();
  expect(told).toEqual([{ details: { account: 'tencent_sms', messages: 999 } }]);
});
