import { connect } from '@yunshang/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAdmin } from '../src/index.ts';
import { config, newPhone, openWorld, refusals, USER_AGENT, wrongGuess, type World } from './accounts-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const enter = (phone: string, code: string) =>
  world.accounts.signIn({ phone, code, ip: '203.0.113.7', userAgent: USER_AGENT });
const succeeded = (outcomes: readonly PromiseSettledResult<unknown>[]): number =>
  outcomes.filter(({ status }) => status === 'fulfilled').length;
const codesOf = (status: 'used' | 'spent') =>
  world.database.db.selectFrom('sms_codes').select('tries').where('status', '=', status).execute();

test('the same code sent ten times at once signs in once', async () => {
  const phone = newPhone();
  const code = await world.codeFor(phone);
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => enter(phone, code)));
  expect(succeeded(outcomes)).toBe(1);
  expect(refusals(outcomes)).toEqual(new Set(['SMS_CODE_INVALID']));
  expect(await world.database.db.selectFrom('sessions').select('id').execute()).toHaveLength(1);
});

test('thirty guesses at once count as five', async () => {
  const phone = newPhone();
  const code = await world.codeFor(phone);
  await Promise.allSettled(Array.from({ length: 30 }, () => enter(phone, wrongGuess(code))));
  expect(await codesOf('spent')).toEqual([{ tries: 5 }]);
  await expect(enter(phone, code)).rejects.toMatchObject({ code: 'SMS_CODE_INVALID' });
});

test('the right code hidden behind five wrong guesses never wins', async () => {
  const phone = newPhone();
  const code = await world.codeFor(phone);
  for (let i = 0; i < 4; i += 1) await enter(phone, wrongGuess(code)).catch(() => undefined);
  const outcomes = await Promise.allSettled([wrongGuess(code), code, code].map((guess) => enter(phone, guess)));
  expect(succeeded(outcomes)).toBeLessThanOrEqual(1);
  const [row] = await world.database.db
    .selectFrom('sms_codes')
    .select(['tries', 'status'])
    .orderBy('id', 'desc')
    .limit(1)
    .execute();
  expect(row).toEqual(succeeded(outcomes) === 1 ? { tries: 4, status: 'used' } : { tries: 5, status: 'spent' });
});

test('first sign-ins and an admin being made at once end in one account', async () => {
  const others = Array.from({ length: 4 }, () => connect(world.database.databaseUrl));
  for (let round = 0; round < 5; round += 1) {
    const phone = newPhone();
    const code = await world.codeFor(phone);
    const made = others.map((database) => makeAdmin({ database, clock: world.clock, config }, phone));
    const [signedIn, ...admins] = await Promise.all([enter(phone, code), ...made]);
    expect(new Set([signedIn.userId, ...admins.map(({ userId }) => userId)]).size).toBe(1);
  }
  await Promise.all(others.map((database) => database.close()));
});
