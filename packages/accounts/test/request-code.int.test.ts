import type { Tx } from '@yunshang/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  newPhone,
  openWorld,
  refusals,
  sandboxGateway,
  USER_AGENT,
  wrongGuess,
  type World,
} from './accounts-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const ip = '203.0.113.7';
const cap = (points: number) => ({ points, seconds: 60 });
const statuses = async (): Promise<string[]> =>
  (await world.database.db.selectFrom('sms_codes').select('status').orderBy('id').execute()).map((row) => row.status);
const messagesTo = async (phone: string): Promise<number> => (await world.sandbox.control.sms(phone)).length;

test('a code of six digits reaches the phone, and only its hash the database', async () => {
  const phone = newPhone();
  const answer = await world.accounts.requestCode({ phone, ip });
  expect(answer).toEqual({ expiresInSeconds: 300, retryAfterSeconds: 60 });
  const code = await world.sandbox.control.smsCode(phone);
  expect(code).toMatch(/^\d{6}$/);
  const row = await world.database.db.selectFrom('sms_codes').selectAll().executeTakeFirstOrThrow();
  expect(row.status).toBe('sent');
  expect(row.code_hash).toHaveLength(32);
  expect(JSON.stringify(row)).not.toContain(code);
  expect(JSON.stringify(row)).not.toContain(phone.slice(3));
});

test('a phone that is known gets the same answer as one that is not', async () => {
  const known = newPhone();
  await world.signIn(known);
  world.clock.advance(60_000);
  const [toKnown, toUnknown] = [
    await world.accounts.requestCode({ phone: known, ip }),
    await world.accounts.requestCode({ phone: newPhone(), ip }),
  ];
  expect(toKnown).toEqual(toUnknown);
});

test('a second code within 60 s is refused with the seconds left', async () => {
  const phone = newPhone();
  await world.accounts.requestCode({ phone, ip });
  world.clock.advance(15_000);
  await expect(world.accounts.requestCode({ phone, ip })).rejects.toMatchObject({
    code: 'SMS_TOO_FREQUENT',
    details: { retryAfterSeconds: 45 },
  });
  world.clock.advance(45_000);
  await world.accounts.requestCode({ phone, ip });
  expect(await messagesTo(phone)).toBe(2);
});

test('twenty requests at once send one message', async () => {
  const phone = newPhone();
  const processes = [world.accounts, world.another()];
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => processes.map((one) => one.requestCode({ phone, ip }))).flat(),
  );
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  expect(refusals(answers)).toEqual(new Set(['SMS_TOO_FREQUENT']));
  expect(await messagesTo(phone)).toBe(1);
});

test('ten a day, until midnight in Shanghai', async () => {
  world.clock.set('2026-02-01T01:00:00.000Z');
  const phone = newPhone();
  for (let i = 1; i <= 10; i += 1) {
    const { retryAfterSeconds } = await world.accounts.requestCode({ phone, ip });
    expect(retryAfterSeconds).toBe(i < 10 ? 60 : 15 * 3_600 - 9 * 60);
    world.clock.advance(60_000);
  }
  await expect(world.accounts.requestCode({ phone, ip })).rejects.toMatchObject({
    code: 'SMS_TOO_FREQUENT',
    details: { retryAfterSeconds: 15 * 3_600 - 10 * 60 },
  });
  expect(await messagesTo(phone)).toBe(10);
  world.clock.set('2026-02-01T16:00:00.000Z');
  await world.accounts.requestCode({ phone, ip });
});

test('an address, its network and everybody together have caps', async () => {
  const sms = {
    codeTtlSeconds: 300,
    cooldownSeconds: 60,
    perDay: 10,
    perIp: cap(2),
    perPrefix: cap(3),
    global: cap(4),
  };
  const capped = world.another({ config: { sms } });
  const ask = (from: string) => capped.requestCode({ phone: newPhone(), ip: from });
  const refused = { code: 'SMS_TOO_FREQUENT', details: { retryAfterSeconds: expect.any(Number) } };
  await world.untilListening();
  await world.flushRedis();
  await ask('198.51.100.1');
  await ask('198.51.100.1');
  await expect(ask('198.51.100.1')).rejects.toMatchObject(refused);
  await ask('198.51.100.2');
  await expect(ask('198.51.100.3')).rejects.toMatchObject(refused);
  await ask('2001:db8::1');
  await expect(ask('2001:db8:1::1')).rejects.toMatchObject(refused);
});

test('a vendor that refuses makes the code unusable', async () => {
  const phone = newPhone();
  await world.sandbox.control.fault({
    vendor: 'sms',
    kind: 'number_error',
    code: 'FailedOperation.InsufficientBalanceInSmsPackage',
  });
  await expect(world.accounts.requestCode({ phone, ip })).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
  expect((await statuses()).at(-1)).toBe('failed');
  expect(await messagesTo(phone)).toBe(0);
});

test('a code the vendor sent but never confirmed can be used', async () => {
  const phone = newPhone();
  await world.sandbox.control.fault({ vendor: 'sms', kind: 'timeout_after_commit' });
  const impatient = world.another({ sms: sandboxGateway(world.sandbox, { timeoutSeconds: 0.3 }) });
  expect(await impatient.requestCode({ phone, ip })).toEqual({ expiresInSeconds: 300, retryAfterSeconds: 60 });
  const code = await world.sandbox.control.smsCode(phone);
  await expect(world.accounts.signIn({ phone, code, ip, userAgent: USER_AGENT })).resolves.toHaveProperty('userId');
});

test('a new code puts the older one out of use', async () => {
  const phone = newPhone();
  const older = await world.codeFor(phone);
  world.clock.advance(60_000);
  const newer = await world.codeFor(phone);
  const enter = (code: string) => world.accounts.signIn({ phone, code, ip, userAgent: USER_AGENT });
  await expect(enter(older === newer ? wrongGuess(newer) : older)).rejects.toMatchObject({ code: 'SMS_CODE_INVALID' });
  await expect(enter(newer)).resolves.toHaveProperty('userId');
});

test('what a message costs is booked with its code and settled by what the vendor counted; books that fail stop nobody', async () => {
  const booked: string[] = [];
  const settled: number[] = [];
  const smsCosts = {
    book: async (tx: Tx, codeId: string) => {
      const row = await tx.selectFrom('sms_codes').select('status').where('id', '=', codeId).executeTakeFirst();
      booked.push(row?.status ?? 'no row');
    },
    settle: async (_codeId: string, segments: number) => {
      settled.push(segments);
      if (booked.length === 4) throw new Error('the books are closed');
    },
  };
  const sms = sandboxGateway(world.sandbox, { timeoutSeconds: 0.3 });
  const booking = world.another({ sms, smsCosts });
  await booking.requestCode({ phone: newPhone(), ip });
  await world.sandbox.control.fault({ vendor: 'sms', kind: 'number_error', code: 'LimitExceeded.AppDailyLimit' });
  await expect(booking.requestCode({ phone: newPhone(), ip })).rejects.toMatchObject({ code: 'SMS_UNAVAILABLE' });
  await world.sandbox.control.fault({ vendor: 'sms', kind: 'timeout_after_commit' });
  await booking.requestCode({ phone: newPhone(), ip });
  expect([booked, settled]).toEqual([Array.from({ length: 3 }, () => 'sending'), [1, 0]]);
  await expect(booking.requestCode({ phone: newPhone(), ip })).resolves.toHaveProperty('expiresInSeconds');
  const warned = world.log.filter(({ level, fields }) => level === 'warn' && 'segments' in fields);
  expect(warned).toMatchObject([{ fields: { segments: 1 } }]);
});

test('what is no mainland mobile number is refused with the field named', async () => {
  for (const phone of ['13800138000', '+8612345678901', '+14155550100', '']) {
    await expect(world.accounts.requestCode({ phone, ip })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: { issues: [{ field: 'phone' }] },
    });
  }
});
