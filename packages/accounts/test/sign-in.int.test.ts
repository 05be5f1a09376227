import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAdmin } from '../src/index.ts';
import { config, newPhone, openWorld, USER_AGENT, wrongGuess, type World } from './accounts-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const enter = (phone: string, code: string, by = world.accounts) =>
  by.signIn({ phone, code, ip: '203.0.113.7', userAgent: USER_AGENT, requestId: 'req-1' });
const invalid = { code: 'SMS_CODE_INVALID', details: {} };
const auditOf = (userId: string) =>
  world.database.db.selectFrom('audit_logs').selectAll().where('subject_id', '=', userId).orderBy('id').execute();

test('the first sign-in makes the account, the next one finds it', async () => {
  const phone = newPhone();
  const first = await world.signIn(phone);
  world.clock.advance(60_000);
  const second = await world.signIn(phone);
  expect(second.userId).toBe(first.userId);
  const profile = await world.accounts.profile(first.userId);
  expect(profile).toMatchObject({ userId: first.userId, role: 'member', phoneMasked: `138****${phone.slice(-4)}` });
  expect(profile.accountId).toMatch(/^[1-9]\d{8}$/);
  expect((await auditOf(first.userId)).map((row) => row.action)).toEqual([
    'account.created',
    'account.signed_in',
    'account.signed_in',
  ]);
});

test('the database holds the phone sealed', async () => {
  const phone = newPhone();
  const { userId } = await world.signIn(phone);
  const user = await world.database.db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  expect(user.phone_enc.includes(phone.slice(3))).toBe(false);
  expect(user.phone_index.includes(phone.slice(3))).toBe(false);
});

test('a code signs in once', async () => {
  const phone = newPhone();
  const code = await world.codeFor(phone);
  await enter(phone, code);
  await expect(enter(phone, code)).rejects.toMatchObject(invalid);
});

test('a code lives five minutes', async () => {
  const phone = newPhone();
  const code = await world.codeFor(phone);
  world.clock.advance(300_000);
  await expect(enter(phone, code)).rejects.toMatchObject(invalid);
});

test('the fifth guess may be right, a sixth is not looked at', async () => {
  const [lucky, unlucky] = [newPhone(), newPhone()];
  const codes = [await world.codeFor(lucky), await world.codeFor(unlucky)] as const;
  for (let i = 0; i < 4; i += 1) await expect(enter(lucky, wrongGuess(codes[0]))).rejects.toMatchObject(invalid);
  await expect(enter(lucky, codes[0])).resolves.toHaveProperty('userId');
  for (let i = 0; i < 5; i += 1) await expect(enter(unlucky, wrongGuess(codes[1]))).rejects.toMatchObject(invalid);
  await expect(enter(unlucky, codes[1])).rejects.toMatchObject(invalid);
});

test('a code works for its own phone only, and a phone without a code gets the same answer', async () => {
  const [one, other, none] = [newPhone(), newPhone(), newPhone()];
  const code = await world.codeFor(one);
  const othersCode = await world.codeFor(other);
  await expect(enter(other, code === othersCode ? wrongGuess(code) : code)).rejects.toMatchObject(invalid);
  await expect(enter(none, code)).rejects.toMatchObject(invalid);
});

test('the phone is sealed anew after a change of keys', async () => {
  const phone = newPhone();
  const { userId } = await world.signIn(phone);
  world.clock.advance(60_000);
  const rotated = world.another({ config: { phoneKeys: [{ version: 2, key: randomBytes(32) }, ...config.phoneKeys] } });
  expect(await rotated.profile(userId)).toMatchObject({ phoneMasked: `138****${phone.slice(-4)}` });
  const { userId: again } = await enter(phone, await world.codeFor(phone), rotated);
  expect(again).toBe(userId);
  const row = await world.database.db
    .selectFrom('users')
    .select('phone_key_version')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  expect(row.phone_key_version).toBe(2);
  expect(await rotated.profile(userId)).toMatchObject({ phoneMasked: `138****${phone.slice(-4)}` });
});

test('an account that was deleted does not open again', async () => {
  const phone = newPhone();
  const { userId, accessToken, refreshToken } = await world.signIn(phone);
  await world.database.db
    .updateTable('users')
    .set({ deleted_at: world.clock.now() })
    .where('id', '=', userId)
    .execute();
  world.clock.advance(60_000);
  await expect(enter(phone, await world.codeFor(phone))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(world.accounts.authenticate(accessToken)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  await expect(world.accounts.refresh({ refreshToken })).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  await expect(world.accounts.profile(userId)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
});

test('the first admin is made by phone, before or after a sign-in, and it is written down', async () => {
  const deps = { database: world.database, clock: world.clock, config };
  const [fresh, member] = [newPhone(), newPhone()];
  const made = await makeAdmin(deps, fresh);
  expect(await makeAdmin(deps, fresh)).toEqual(made);
  const signedIn = await world.signIn(fresh);
  expect(signedIn.userId).toBe(made.userId);
  expect((await world.accounts.authenticate(signedIn.accessToken)).role).toBe('admin');
  const tokens = await world.signIn(member);
  await makeAdmin(deps, member);
  await expect(world.accounts.refresh({ refreshToken: tokens.refreshToken })).rejects.toMatchObject({
    code: 'SESSION_ENDED',
  });
  const [, , change] = await auditOf(tokens.userId);
  expect(change).toMatchObject({ action: 'account.role_changed', actor_id: null, actor_role: 'system' });
  await expect(makeAdmin(deps, '+1')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
