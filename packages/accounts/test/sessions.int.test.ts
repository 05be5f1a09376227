import { until } from '@yunshang/devstack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_CACHE_MS, type Accounts, type Caller } from '../src/index.ts';
import { newPhone, openWorld, USER_AGENT, type World } from './accounts-under-test.ts';

let world: World;
let other: Accounts;
beforeAll(async () => {
  world = await openWorld();
  other = world.another();
  await world.untilListening();
});
afterAll(() => world.close());

const ended = { code: 'SESSION_ENDED' };
const admin = { id: '01JZZZZZZZZZZZZZZZZZZZZZZZ', role: 'admin' as const, requestId: 'req-9' };

async function signedIn(phone = newPhone()): Promise<{ caller: Caller; accessToken: string; refreshToken: string }> {
  const tokens = await world.signIn(phone);
  return { ...tokens, caller: await world.accounts.authenticate(tokens.accessToken) };
}

/** Time stands still meanwhile: only the news itself can end what the other process remembers. */
const untilOtherKnows = (accessToken: string): Promise<true> =>
  until(
    async () =>
      other.authenticate(accessToken).then(
        () => undefined,
        (error: unknown) => (isEnded(error) ? (true as const) : undefined),
      ),
    {
      what: 'the other process to hear of it',
    },
  );
const isEnded = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'SESSION_ENDED';

test('a member sees their own live sessions and which one is this', async () => {
  const phone = newPhone();
  const first = await signedIn(phone);
  world.clock.advance(60_000);
  const second = await signedIn(phone);
  await signedIn();
  const items = await world.accounts.listSessions(second.caller);
  expect(items.map((item) => ({ id: item.id, current: item.current, userAgent: item.userAgent }))).toEqual([
    { id: second.caller.sessionId, current: true, userAgent: USER_AGENT },
    { id: first.caller.sessionId, current: false, userAgent: USER_AGENT },
  ]);
  expect(items[0]?.lastUsedAt).toBe(world.clock.now().toISOString());
});

test('ending a session ends it at once in every process', async () => {
  const phone = newPhone();
  const lost = await signedIn(phone);
  await other.authenticate(lost.accessToken);
  world.clock.advance(60_000);
  const mine = await signedIn(phone);
  await other.authenticate(mine.accessToken);
  await world.accounts.endSession(mine.caller, lost.caller.sessionId, 'req-7');
  await expect(world.accounts.authenticate(lost.accessToken)).rejects.toMatchObject(ended);
  await untilOtherKnows(lost.accessToken);
  await expect(world.accounts.refresh({ refreshToken: lost.refreshToken })).rejects.toMatchObject(ended);
  await expect(world.accounts.authenticate(mine.accessToken)).resolves.toEqual(mine.caller);
  expect(await world.accounts.listSessions(mine.caller)).toHaveLength(1);
  const audit = await world.database.db
    .selectFrom('audit_logs')
    .select(['actor_id', 'action', 'request_id'])
    .where('request_id', '=', 'req-7')
    .execute();
  expect(audit).toEqual([{ actor_id: mine.caller.userId, action: 'session.ended', request_id: 'req-7' }]);
});

test('nobody can end the session of somebody else, or one that is over', async () => {
  const [mine, theirs] = [await signedIn(), await signedIn()];
  const missing = { code: 'SESSION_NOT_FOUND' };
  await expect(world.accounts.endSession(mine.caller, theirs.caller.sessionId)).rejects.toMatchObject(missing);
  await expect(world.accounts.endSession(mine.caller, '01JZZZZZZZZZZZZZZZZZZZZZZZ')).rejects.toMatchObject(missing);
  await world.accounts.authenticate(theirs.accessToken);
  await world.accounts.endSession(mine.caller, mine.caller.sessionId);
  await expect(world.accounts.endSession(mine.caller, mine.caller.sessionId)).rejects.toMatchObject(missing);
});

test('signing out ends the session, twice does no harm', async () => {
  const { caller, accessToken, refreshToken } = await signedIn();
  await other.authenticate(accessToken);
  await world.accounts.signOut(caller);
  await world.accounts.signOut(caller);
  await expect(world.accounts.authenticate(accessToken)).rejects.toMatchObject(ended);
  await untilOtherKnows(accessToken);
  await expect(world.accounts.refresh({ refreshToken })).rejects.toMatchObject(ended);
});

test('a new role asks for a new sign-in, at once in every process', async () => {
  const phone = newPhone();
  const before = await signedIn(phone);
  await other.authenticate(before.accessToken);
  await world.accounts.setRole(admin, { userId: before.caller.userId, role: 'finance' });
  await expect(world.accounts.authenticate(before.accessToken)).rejects.toMatchObject(ended);
  await untilOtherKnows(before.accessToken);
  world.clock.advance(60_000);
  const after = await signedIn(phone);
  expect(after.caller.role).toBe('finance');
  const [change] = await world.database.db
    .selectFrom('audit_logs')
    .selectAll()
    .where('action', '=', 'account.role_changed')
    .where('subject_id', '=', after.caller.userId)
    .execute();
  expect(change).toMatchObject({ actor_id: admin.id, actor_role: 'admin', request_id: 'req-9' });
  await world.accounts.setRole(admin, { userId: after.caller.userId, role: 'finance' });
  await expect(world.accounts.authenticate(after.accessToken)).resolves.toEqual(after.caller);
  await expect(
    world.accounts.setRole(admin, { userId: '01JZZZZZZZZZZZZZZZZZZZZZZZ', role: 'member' }),
  ).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
});

test('what changes behind our back in the database is believed within seconds', async () => {
  const { caller, accessToken } = await signedIn();
  const users = world.database.db.updateTable('users').where('id', '=', caller.userId);
  await users.set({ role: 'auditor' }).execute();
  expect((await world.accounts.authenticate(accessToken)).role).toBe('member');
  world.clock.advance(SESSION_CACHE_MS);
  expect((await world.accounts.authenticate(accessToken)).role).toBe('auditor');
});

test('a hundred calls at once ask the database once', async () => {
  const { accessToken } = await signedIn();
  world.clock.advance(SESSION_CACHE_MS);
  const callers = await Promise.all(Array.from({ length: 100 }, () => world.accounts.authenticate(accessToken)));
  expect(new Set(callers.map((caller) => caller.sessionId)).size).toBe(1);
});

test('the sweep ends what ran out, then deletes what is old, two at once as well as one', async () => {
  const day = 86_400_000;
  const { caller } = await signedIn();
  world.clock.advance(30 * day);
  const live = await signedIn();
  await Promise.all([world.accounts.sweep(), other.sweep()]);
  const rows = world.database.db.selectFrom('sessions').select(['end_reason']).where('id', '=', caller.sessionId);
  expect(await rows.execute()).toEqual([{ end_reason: 'expired' }]);
  const audit = await world.database.db
    .selectFrom('audit_logs')
    .select('request_id')
    .where('subject_id', '=', caller.userId)
    .where('action', '=', 'session.ended')
    .execute();
  expect(audit).toEqual([{ request_id: 'sweep' }]);
  world.clock.advance(2 * day + 1);
  await world.accounts.sweep();
  expect(await rows.execute()).toEqual([]);
  expect(await world.database.db.selectFrom('sms_codes').select('id').execute()).toEqual([]);
  expect(await world.database.db.selectFrom('sms_limits').select('day').execute()).toEqual([]);
  await expect(world.accounts.refresh({ refreshToken: live.refreshToken })).resolves.toHaveProperty('userId');
});
