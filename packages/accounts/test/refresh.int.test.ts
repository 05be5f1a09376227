import { afterAll, beforeAll, expect, test } from 'vitest';
import { config, newPhone, openWorld, type World } from './accounts-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const refresh = (refreshToken: string) => world.accounts.refresh({ refreshToken });
const ended = { code: 'SESSION_ENDED' };
const sessionIdOf = (refreshToken: string): string => refreshToken.split('_')[1] ?? '';
const rowOf = (refreshToken: string) =>
  world.database.db
    .selectFrom('sessions')
    .selectAll()
    .where('id', '=', sessionIdOf(refreshToken))
    .executeTakeFirstOrThrow();

test('refreshing gives a new pair and keeps the session', async () => {
  const first = await world.signIn();
  world.clock.advance(900_000);
  const second = await refresh(first.refreshToken);
  expect(second.refreshToken).not.toBe(first.refreshToken);
  expect(second.userId).toBe(first.userId);
  const caller = await world.accounts.authenticate(second.accessToken);
  expect(caller.sessionId).toBe(sessionIdOf(first.refreshToken));
});

test('ten tabs refreshing at once all get the same successor', async () => {
  const { refreshToken } = await world.signIn();
  const processes = [world.accounts, world.another(), world.another()];
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => processes[i % 3]?.refresh({ refreshToken }) ?? refresh(refreshToken)),
  );
  expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
  expect((await rowOf(refreshToken)).generation).toBe(2);
  for (const { accessToken } of answers) await world.accounts.authenticate(accessToken);
});

test('a tab that wakes up to 30 s later gets the same successor, not a newer one', async () => {
  const { refreshToken } = await world.signIn();
  const first = await refresh(refreshToken);
  world.clock.advance(30_000);
  const late = await refresh(refreshToken);
  expect(late.refreshToken).toBe(first.refreshToken);
  await expect(refresh(first.refreshToken)).resolves.toHaveProperty('userId', first.userId);
});

test('after 30 s the previous token proves a copy: the session ends for both holders', async () => {
  const { refreshToken } = await world.signIn();
  const successor = await refresh(refreshToken);
  world.clock.advance(30_001);
  await world.accounts.authenticate(successor.accessToken);
  await expect(refresh(refreshToken)).rejects.toMatchObject(ended);
  await expect(refresh(successor.refreshToken)).rejects.toMatchObject(ended);
  await expect(world.accounts.authenticate(successor.accessToken)).rejects.toMatchObject(ended);
  expect(await rowOf(refreshToken)).toMatchObject({ end_reason: 'reuse_detected' });
  const audit = await world.database.db
    .selectFrom('audit_logs')
    .selectAll()
    .where('action', '=', 'session.ended')
    .where('subject_id', '=', successor.userId)
    .execute();
  expect(audit).toHaveLength(1);
});

test('a token two generations old is reuse, however fresh', async () => {
  const first = await world.signIn();
  const second = await refresh(first.refreshToken);
  const third = await refresh(second.refreshToken);
  await expect(refresh(first.refreshToken)).rejects.toMatchObject(ended);
  await expect(refresh(third.refreshToken)).rejects.toMatchObject(ended);
});

test('a session nobody refreshes ends after 30 days, each refresh starts them anew', async () => {
  const day = 86_400_000;
  const first = await world.signIn();
  world.clock.advance(29 * day);
  const second = await refresh(first.refreshToken);
  world.clock.advance(29 * day);
  const third = await refresh(second.refreshToken);
  world.clock.advance(30 * day);
  await expect(refresh(third.refreshToken)).rejects.toMatchObject(ended);
});

test('what we did not make is refused without ending anything', async () => {
  const { refreshToken } = await world.signIn(newPhone());
  for (const forged of [
    refreshToken.replace('_1_r1_', '_2_r1_'),
    `${refreshToken.slice(0, -3)}AAA`,
    refreshToken.replace('_r1_', '_r2_'),
    'ysr_',
    '',
  ])
    await expect(refresh(forged)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(refresh(refreshToken)).resolves.toHaveProperty('refreshToken');
});

test('after a change of keys the next refresh moves the session to the new key', async () => {
  const { refreshToken } = await world.signIn();
  const next = { id: 'r2', secret: Buffer.alloc(32, 8) };
  const moved = world.another({ config: { refreshKeys: [next, ...config.refreshKeys] } });
  const successor = await moved.refresh({ refreshToken });
  expect(successor.refreshToken).toContain('_2_r2_');
  await expect(moved.refresh({ refreshToken: successor.refreshToken })).resolves.toHaveProperty('userId');
});
