import type { Actor } from '@yunshang/db';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorld, type World } from './accounts-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function signedIn(): Promise<{ userId: string; actor: Actor }> {
  const { userId } = await world.signIn();
  return { userId, actor: { id: userId, role: 'member', requestId: 'r' } };
}
const auditOf = (userId: string) =>
  world.database.db
    .selectFrom('audit_logs')
    .select(['action', 'actor_id'])
    .where('subject_id', '=', userId)
    .where('action', 'like', 'account.sms%')
    .orderBy('id')
    .execute();

it('nobody has agreed to texts until they say so, and the time of it is kept until they take it back', async () => {
  const { userId, actor } = await signedIn();
  const { accounts, clock } = world;
  const set = (agreed: boolean) => accounts.setLowQuotaSms(actor, { userId, agreed });
  const agreedAt = async () => (await accounts.profile(userId)).lowQuotaSmsAgreedAt;
  expect(await agreedAt()).toBeNull();
  expect(await set(false)).toEqual({ agreedAt: null });
  const first = clock.now().toISOString();
  const both = await Promise.all([set(true), set(true)]);
  expect(both).toEqual([{ agreedAt: first }, { agreedAt: first }]);
  clock.advance(60_000);
  expect(await set(true)).toEqual({ agreedAt: first });
  expect(await agreedAt()).toBe(first);
  expect(await set(false)).toEqual({ agreedAt: null });
  expect(await agreedAt()).toBeNull();
  expect(await auditOf(userId)).toEqual([
    { action: 'account.sms_agreed', actor_id: userId },
    { action: 'account.sms_withdrawn', actor_id: userId },
  ]);
});

it('who deleted the account agrees to nothing', async () => {
  const { userId, actor } = await signedIn();
  const deletion = world.database.db.updateTable('users').set({ deleted_at: world.clock.now() });
  await deletion.where('id', '=', userId).execute();
  const refused = await world.accounts.setLowQuotaSms(actor, { userId, agreed: true }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'USER_NOT_FOUND' });
});
