import { randomBytes, randomInt } from 'node:crypto';
import { createMemberTexts, parseKeyRing, tencentTextGateway, type MemberTexts } from '@yunshang/accounts';
import { createPrices, sendNoticeSms, tellLowQuota } from '@yunshang/billing';
import { appEnvironment, fakeClock, makeMembers } from '@yunshang/devstack';
import { testDatabase, testSandbox, type TestDatabase, type TestSandbox } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { sealedPhone } from './sealed-phone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** 09:00 in Asia/Shanghai, some days from now: what is made here is in force by then. */
const NINE = new Date(new Date(Date.now() + 3 * DAY_MS).toISOString().slice(0, 10) + 'T01:00:00.000Z');
const clock = fakeClock(NINE);
let database: TestDatabase;
let sandbox: TestSandbox;
let phoneKey: string;
let texts: MemberTexts;
/** Days are apart, so that each test's members are told on a day of their own. */
let day = 0;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  phoneKey = randomBytes(32).toString('base64');
  const env = appEnvironment({
    databaseUrl: database.databaseUrl,
    redisUrl: 'redis://127.0.0.1:1/0',
    publicUrl: 'http://127.0.0.1:1',
    vendorUrl: sandbox.url,
    settings: sandbox.settings,
  });
  const config = readConfig({ ...env, PHONE_KEYS: phoneKey }).texts;
  if (config === undefined) throw new Error('texts are off');
  const sms = tencentTextGateway({ ...config.sms, timeoutSeconds: 0.5 });
  texts = createMemberTexts({ db: database.db, phoneKeys: config.phoneKeys, sms });
  const finance = { id: null, role: 'system' as const, requestId: 'test' };
  const prices = createPrices({ db: database.db, clock: { now: () => new Date() }, isProvider: async () => false });
  await prices.add(finance, { item: 'sms:segment', microYuan: 45_000, reason: '合同' });
});
beforeEach(() => {
  day += 2;
  clock.set(new Date(NINE.getTime() + day * DAY_MS));
});
afterEach(() => sandbox.control.clearFaults());
afterAll(() => database.close());

type Reader = { userId: string; phone: string };
async function reader({ agreed = true, quota = 3 } = {}): Promise<Reader> {
  const [made] = await makeMembers(database.db, 1, { quota });
  const userId = made?.userId ?? '';
  const phone = `+86139${String(randomInt(100_000_000)).padStart(8, '0')}`;
  const row = { phone_enc: sealedPhone(phoneKey, { userId, phone }), low_quota_sms_at: agreed ? new Date() : null };
  await database.db.updateTable('users').set(row).where('id', '=', userId).execute();
  return { userId, phone };
}
const change = (of: Reader | undefined, row: Record<string, unknown>) =>
  database.db
    .updateTable('users')
    .set(row)
    .where('id', '=', of?.userId ?? '')
    .execute();
const tell = () => tellLowQuota({ db: database.db, clock, texts: true });
const send = (noticeId: string, by: MemberTexts = texts) =>
  sendNoticeSms({ db: database.db, clock, texts: by }, { noticeId });
const noticesOf = ({ userId }: Reader) =>
  database.db.selectFrom('notices').selectAll().where('user_id', '=', userId).orderBy('id', 'desc').execute();
const noticeOf = async (of: Reader) => (await noticesOf(of))[0] ?? { id: '', sms: null };
const jobsOf = async (noticeId: string): Promise<number> =>
  (await database.db.selectFrom('outbox').select('id').where('dedup_key', '=', `notice.sms:${noticeId}`).execute())
    .length;
const textsTo = async ({ phone }: Reader) => (await sandbox.control.sms(phone)).map(({ text }) => text);
async function costsOf(noticeId: string): Promise<number[]> {
  const rows = await database.db
    .selectFrom('cost_entries')
    .select('amount_micro_yuan')
    .where('effect_key', 'like', `sms:${noticeId}:%`)
    .orderBy('id')
    .execute();
  return rows.map((row) => row.amount_micro_yuan);
}
const alerts = () =>
  database.db.selectFrom('alerts').select('details').where('kind', '=', 'sms_refused').orderBy('id').execute();
const refuse = (code: string) => sandbox.control.fault({ vendor: 'sms', kind: 'number_error', code, times: 1 });

it('texts who agreed once a day, however many look and work at once, and nobody else', async () => {
  const [willing, silent] = [await reader(), await reader({ agreed: false })];
  await Promise.all([tell(), tell()]);
  const { id } = await noticeOf(willing);
  expect(await noticesOf(willing)).toHaveLength(1);
  expect(await jobsOf(id)).toBe(1);
  await Promise.all([send(id), send(id), send(id), send(id)]);
  expect(await textsTo(willing)).toEqual([expect.stringMatching(/^【云裳】您的剩余配额为3，/)]);
  expect(await noticeOf(willing)).toMatchObject({ sms: 'sent', sms_tries: 1, sms_error: null });
  expect(await costsOf(id)).toEqual([45_000, 0]);
  expect(await send(id)).toBe('done');
  await tell();
  clock.advance(DAY_MS);
  await tell();
  expect((await noticesOf(willing)).map(({ sms }) => sms)).toEqual(['wanted', 'sent']);
  const { id: told } = await noticeOf(silent);
  expect(await noticeOf(silent)).toMatchObject({ sms: null, sms_tries: 0 });
  expect(await jobsOf(told)).toBe(0);
  expect(await send(told)).toBe('done');
  expect(await textsTo(silent)).toEqual([]);
});

it('tries what the vendor refused again within the day, and books what each try cost', async () => {
  const willing = await reader();
  await tell();
  const { id } = await noticeOf(willing);
  await refuse('FailedOperation.InsufficientBalanceInSmsPackage');
  expect(await send(id)).toEqual({ againAt: new Date(clock.now().getTime() + 5 * MINUTE_MS) });
  expect(await alerts()).toMatchObject([{ details: { why: 'FailedOperation.InsufficientBalanceInSmsPackage' } }]);
  const why = { sms: 'wanted', sms_error: 'FailedOperation.InsufficientBalanceInSmsPackage' };
  expect(await noticeOf(willing)).toMatchObject(why);
  await refuse('LimitExceeded.PhoneNumberOneHourLimit');
  expect(await send(id)).toEqual({ againAt: new Date(clock.now().getTime() + HOUR_MS) });
  clock.advance(HOUR_MS);
  expect(await send(id)).toBe('done');
  expect(await noticeOf(willing)).toMatchObject({ sms: 'sent', sms_tries: 3, sms_error: null });
  expect(await textsTo(willing)).toHaveLength(1);
  expect(await alerts()).toHaveLength(1);
  expect(await costsOf(id)).toEqual([45_000, -45_000, 45_000, -45_000, 45_000, 0]);
});

it('gives up in the evening, with a row that says why', async () => {
  const [late, away] = [await reader(), await reader()];
  await tell();
  const [first, second] = [await noticeOf(late), await noticeOf(away)];
  clock.advance(12 * HOUR_MS - MINUTE_MS);
  await refuse('FailedOperation.TemplateIncorrectOrUnapproved');
  expect(await send(first.id)).toBe('done');
  expect(await noticeOf(late)).toMatchObject({
    sms: 'refused',
    sms_error: 'FailedOperation.TemplateIncorrectOrUnapproved',
  });
  clock.advance(HOUR_MS);
  expect(await send(second.id)).toBe('done');
  expect(await noticeOf(away)).toMatchObject({ sms: 'refused', sms_error: 'too_late', sms_tries: 0 });
  expect([...(await textsTo(late)), ...(await textsTo(away))]).toEqual([]);
});

it('never sends again what may have left: no answer, and a worker that died with it', async () => {
  const [unanswered, orphaned] = [await reader(), await reader()];
  await tell();
  const [first, second] = [await noticeOf(unanswered), await noticeOf(orphaned)];
  await sandbox.control.fault({ vendor: 'sms', kind: 'timeout_after_commit', times: 1 });
  expect(await send(first.id)).toBe('done');
  expect(await noticeOf(unanswered)).toMatchObject({ sms: 'unknown', sms_error: 'no_answer' });
  expect(await costsOf(first.id)).toEqual([45_000]);
  expect(await send(first.id)).toBe('done');
  expect(await textsTo(unanswered)).toHaveLength(1);

  const { promise: never } = Promise.withResolvers<never>();
  const hanging: MemberTexts = {
    sendLowQuota: async (userId, available) => {
      await texts.sendLowQuota(userId, available);
      return never;
    },
  };
  void send(second.id, hanging);
  await expect.poll(() => textsTo(orphaned)).toHaveLength(1);
  expect(await send(second.id)).toEqual({ againAt: new Date(clock.now().getTime() + 2 * MINUTE_MS) });
  clock.advance(2 * MINUTE_MS);
  expect(await send(second.id)).toBe('done');
  expect(await noticeOf(orphaned)).toMatchObject({ sms: 'unknown' });
  expect(await textsTo(orphaned)).toHaveLength(1);
});

it('texts nobody who changed their mind, left, bought more or has no phone, nor while texts are off', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => reader()));
  const [withdrew, left, bought, phoneless, off] = people;
  await tell();
  await change(withdrew, { low_quota_sms_at: null });
  await change(left, { deleted_at: clock.now() });
  await change(bought, { quota_remaining: 50 });
  await change(phoneless, { phone_enc: Buffer.alloc(0) });
  const ends: unknown[] = [];
  for (const one of people) {
    const { id } = await noticeOf(one);
    ends.push(
      await sendNoticeSms({ db: database.db, clock, texts: one === off ? undefined : texts }, { noticeId: id }),
    );
    const [row] = await noticesOf(one);
    ends.push([row?.sms, row?.sms_error, (await textsTo(one)).length]);
  }
  expect(ends).toEqual(
    ['not_agreed', 'not_agreed', 'not_low', 'no_phone', 'switched_off'].flatMap((why) => ['done', ['skipped', why, 0]]),
  );
});

it('keeps what it could not open: nothing left, and the job says so', async () => {
  const willing = await reader();
  await tell();
  const { id } = await noticeOf(willing);
  const wrong = createMemberTexts({
    db: database.db,
    phoneKeys: parseKeyRing('it', `9:${randomBytes(32).toString('base64')}`),
    sms: { sendText: () => Promise.reject(new Error('not asked')) },
  });
  await expect(send(id, wrong)).rejects.toThrow('no phone key of version 1');
  expect(await noticeOf(willing)).toMatchObject({ sms: 'wanted', sms_error: 'not_sent' });
  expect(await send(id)).toBe('done');
  expect(await textsTo(willing)).toHaveLength(1);
});

it('says what texts need', () => {
  const env = appEnvironment({
    databaseUrl: database.databaseUrl,
    redisUrl: 'redis://127.0.0.1:1/0',
    publicUrl: 'http://127.0.0.1:1',
    vendorUrl: sandbox.url,
    settings: sandbox.settings,
  });
  const { PHONE_KEYS: _keys, SMS_SIGN_NAME: _name, ...less } = env;
  expect(() => readConfig(less)).toThrow(/PHONE_KEYS: is missing[^]*SMS_SIGN_NAME: is missing/);
  expect(readConfig({ ...less, NOTICE_SMS: 'off' }).texts).toBeUndefined();
});
