import { tencentSmsAccount } from '@yunshang/accounts';
import { bookSms, createSmsBook, settleSms, watchSmsPackage } from '@yunshang/billing';
import { inTransaction, newId, systemClock } from '@yunshang/db';
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

const HOUR_MS = 3_600_000;

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

it('segments charged for that were never booked, or booked and not charged for, are differences of the day', async () => {
  const { db } = database;
  const account = tencentSmsAccount(smsAccount.application);
  const book = createSmsBook({ db, charged: (hours) => account.charged(hours) });
  // The hours around now stand for a day: what is near an edge of it may be either day's.
  const now = new Date();
  const hour = Math.trunc(now.getTime() / HOUR_MS) * HOUR_MS;
  const span = { from: new Date(hour - 2 * HOUR_MS), to: new Date(hour + 3 * HOUR_MS) };
  const compare = () =>
    book.compare({ day: '2026-01-15', span, onProgress: async () => undefined, keep: async () => undefined });
  const text = async (segments?: number): Promise<void> => {
    const messageId = newId();
    await inTransaction(db, (tx) => bookSms(tx, messageId, now));
    if (segments !== undefined) await settleSms(db, { messageId, segments, now });
  };
  const charge = (segments: number) => sandbox.control.smsCharges([{ at: now, segments }]);

  for (const segments of [1, 1, 2, 0]) await text(segments);
  await charge(4);
  expect(await compare()).toMatchObject({ findings: [], unread: null, counts: { segmentsHere: 4, segmentsThere: 4 } });
  // One without an answer may have been sent or not.
  await text();
  expect((await compare()).findings).toEqual([]);
  await charge(1);
  expect((await compare()).findings).toEqual([]);
  await charge(1);
  const figures = { account: 'tencent_sms', hereSegments: 4, hereOpenSegments: 1 };
  expect((await compare()).findings).toMatchObject([
    { kind: 'cost_missing', subject: 'tencent_sms:2026-01-15', details: { ...figures, thereSegments: 6 } },
  ]);
  await charge(-3);
  expect((await compare()).findings).toMatchObject([
    { kind: 'cost_unknown_there', details: { ...figures, thereSegments: 3 } },
  ]);
  await sandbox.control.fault({ vendor: 'sms', kind: 'error' });
  expect(await compare()).toMatchObject({ findings: [], unread: 'InternalError.Timeout' });
});
