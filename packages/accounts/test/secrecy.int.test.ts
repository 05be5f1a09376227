import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  config,
  newPhone,
  openWorld,
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

test('no log line, error or stored row tells a phone, code, token or key', async () => {
  const phone = newPhone();
  const errors: unknown[] = [];
  const keep = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => errors.push(error));
  const enter = (code: string) => world.accounts.signIn({ phone, code, ip: '203.0.113.7', userAgent: USER_AGENT });

  const code = await world.codeFor(phone);
  await keep(world.accounts.requestCode({ phone, ip: '203.0.113.7' }));
  await keep(enter(wrongGuess(code)));
  const tokens = await enter(code);
  await keep(enter(code));
  const next = await world.accounts.refresh({ refreshToken: tokens.refreshToken });
  await keep(world.accounts.authenticate(`${tokens.accessToken.slice(0, -4)}AAAA`));
  await keep(world.accounts.authenticate(tokens.refreshToken));
  await keep(world.accounts.refresh({ refreshToken: tokens.accessToken }));
  world.clock.advance(900_000);
  await keep(world.accounts.authenticate(tokens.accessToken));
  await keep(world.another().authenticate(tokens.accessToken));
  await keep(world.accounts.refresh({ refreshToken: tokens.refreshToken }));
  await keep(world.accounts.refresh({ refreshToken: next.refreshToken }));
  for (const kind of ['error', 'number_error', 'timeout']) {
    await world.sandbox.control.fault({ vendor: 'sms', kind });
    const impatient = world.another({ sms: sandboxGateway(world.sandbox, { timeoutSeconds: 0.2 }) });
    await keep(impatient.requestCode({ phone, ip: '203.0.113.7' }));
    world.clock.advance(60_000);
  }
  expect(errors).toHaveLength(12);
  expect(world.log).not.toEqual([]);

  const rows = await everyRow();
  const seen = inspect([errors, world.log, rows], { depth: 20, maxStringLength: null, showHidden: true });
  const secrets = [phone.slice(3), tokens.accessToken, tokens.refreshToken, next.refreshToken, next.accessToken];
  const keys = [config.codeKey, config.phoneIndexKey, config.accessKeys[0].secret, config.refreshKeys[0].secret];
  for (const secret of [
    ...secrets,
    ...keys.map((key) => key.toString('base64')),
    ...keys.map((key) => key.toString('hex')),
  ])
    expect(seen).not.toContain(secret);
  // Six digits alone can occur by chance in a time or an id; as a word they can not.
  expect(seen).not.toMatch(new RegExp(`\\b${code}\\b`));
});

async function everyRow(): Promise<unknown[]> {
  const { db } = world.database;
  const rows = await Promise.all([
    db.selectFrom('users').selectAll().execute(),
    db.selectFrom('sessions').selectAll().execute(),
    db.selectFrom('sms_codes').selectAll().execute(),
    db.selectFrom('sms_limits').selectAll().execute(),
    db.selectFrom('audit_logs').selectAll().execute(),
  ]);
  return rows.flat().map((row) => JSON.stringify(row));
}
