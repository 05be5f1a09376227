import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { config, openWorld, type World } from './accounts-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const unauthenticated = { code: 'UNAUTHENTICATED' };
const payloadOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('an access token says who is calling', async () => {
  const tokens = await world.signIn();
  const caller = await world.accounts.authenticate(tokens.accessToken);
  expect(caller).toEqual({ userId: tokens.userId, sessionId: expect.any(String), role: 'member' });
  expect(tokens.expiresInSeconds).toBe(900);
});

test('it carries no phone and no role', async () => {
  const { accessToken } = await world.signIn();
  expect(Object.keys(payloadOf(accessToken)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'sid', 'sub']);
});

test('after 15 minutes it is expired, also when it was used before', async () => {
  const { accessToken } = await world.signIn();
  await world.accounts.authenticate(accessToken);
  world.clock.advance(899_000);
  await world.accounts.authenticate(accessToken);
  world.clock.advance(1_000);
  await expect(world.accounts.authenticate(accessToken)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
  await expect(world.another().authenticate(accessToken)).rejects.toMatchObject({ code: 'TOKEN_EXPIRED' });
});

test('neither kind of token serves as the other', async () => {
  const { accessToken, refreshToken } = await world.signIn();
  await expect(world.accounts.authenticate(refreshToken)).rejects.toMatchObject(unauthenticated);
  await expect(world.accounts.refresh({ refreshToken: accessToken })).rejects.toMatchObject(unauthenticated);
});

test('a forged token is refused', async () => {
  const { accessToken } = await world.signIn();
  const claims = payloadOf(accessToken);
  const secret = config.accessKeys[0].secret;
  const made = (header: { alg: string; typ?: string; kid?: string }, key: Uint8Array, changes = {}) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader(header).sign(key);
  const ours = { alg: 'HS256', typ: 'at+jwt', kid: 'a1' };
  const [head, body, mac] = accessToken.split('.');
  const other = Buffer.from(JSON.stringify({ ...claims, sub: '01JZZZZZZZZZZZZZZZZZZZZZZZ' })).toString('base64url');
  for (const forged of [
    new UnsecuredJWT(claims).encode(),
    `${Buffer.from('{"alg":"none","typ":"at+jwt","kid":"a1"}').toString('base64url')}.${body}.`,
    `${head}.${other}.${mac}`,
    `${head}.${body}.`,
    await made(ours, config.refreshKeys[0].secret),
    await made(ours, Buffer.alloc(32, 7)),
    await made({ ...ours, kid: 'unknown' }, secret),
    await made({ alg: 'HS256', typ: 'at+jwt' }, secret),
    await made({ ...ours, typ: 'JWT' }, secret),
    await made({ ...ours, alg: 'HS512' }, Buffer.concat([secret, secret])),
    await made(ours, secret, { aud: 'another-api' }),
    await made(ours, secret, { iss: 'somebody' }),
    await made(ours, secret, { sid: undefined }),
    await made(ours, secret, { exp: undefined }),
    'x'.repeat(100_000),
    '',
  ])
    await expect(world.accounts.authenticate(forged)).rejects.toMatchObject(unauthenticated);
  await expect(world.accounts.authenticate(await made(ours, secret))).resolves.toHaveProperty('userId', claims['sub']);
});

test('a session of somebody else in a signed token does not help', async () => {
  const [mine, theirs] = [await world.signIn(), await world.signIn()];
  const mixed = await new SignJWT({ ...payloadOf(mine.accessToken), sid: payloadOf(theirs.accessToken)['sid'] })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'a1' })
    .sign(config.accessKeys[0].secret);
  await expect(world.accounts.authenticate(mixed)).rejects.toMatchObject({ code: 'SESSION_ENDED' });
});

test('after a change of keys, tokens of the older key serve until it is removed', async () => {
  const { accessToken } = await world.signIn();
  const next = { id: 'a2', secret: Buffer.alloc(32, 9) };
  const both = world.another({ config: { accessKeys: [next, ...config.accessKeys] } });
  await expect(both.authenticate(accessToken)).resolves.toHaveProperty('role', 'member');
  const onlyNext = world.another({ config: { accessKeys: [next] } });
  await expect(onlyNext.authenticate(accessToken)).rejects.toMatchObject(unauthenticated);
});
