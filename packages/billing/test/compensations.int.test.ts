import { fakeClock } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { inTransaction, isDuplicate, newId, type Actor } from '@yunshang/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getBalance, grantSignup, listHistory } from '../src/index.ts';
import { DAY_MS, expectHealthy, makeMember } from './members.ts';
import { freshKey, promotersOf, type Promoters } from './promoters.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let on: Promoters;
const clock = fakeClock();

beforeAll(async () => {
  database = await testDatabase();
  on = await promotersOf(database.db, clock);
});
afterAll(async () => {
  await expectHealthy(database.db, clock.now());
  await database.close();
});

const newPerson = (): Promise<string> => makeMember(database.db, clock.now());
const newGiver = async (): Promise<Actor> => ({ ...on.finance, id: await newPerson() });
const give = (giver: Actor, userId: string, amount: number, idempotencyKey = freshKey()) =>
  on.compensations.compensate(giver, { userId, amount, days: 7, reason: '处理结果有瑕疵', idempotencyKey });
const available = async (userId: string): Promise<number> =>
  (await getBalance(database.db, userId, clock.now())).available;
const approve = (approvalId: string, actor: Actor) =>
  on.approvals.decide(actor, { approvalId, decision: 'approve', reason: '同意' });

describe('a compensation', () => {
  it('is quota with a giver, a reason and an end', async () => {
    const [giver, userId] = [await newGiver(), await newPerson()];
    const { compensation, approval } = await give(giver, userId, 20);
    expect(approval).toBeNull();
    expect(compensation).toMatchObject({ userId, amount: 20, days: 7, givenBy: giver.id, approvalId: null });
    const { grants } = await getBalance(database.db, userId, clock.now());
    const expiresAt = new Date(clock.now().getTime() + 7 * DAY_MS).toISOString();
    expect(grants).toMatchObject([{ source: 'compensation', title: { zh: '客服补偿' }, remaining: 20, expiresAt }]);
    const { items } = await listHistory(database.db, userId, { limit: 1 });
    expect(items).toMatchObject([{ kind: 'grant', cause: 'compensated', amount: 20 }]);
    expect((await on.compensations.list({ userId, limit: 10 })).items).toEqual([compensation]);
  });

  it('is given once for a key, however often and however many at once', async () => {
    const [giver, userId, key] = [await newGiver(), await newPerson(), freshKey()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => give(giver, userId, 10, key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await expect(give(giver, userId, 11, key)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await available(userId)).toBe(10);
  });

  it('is never given to oneself, by the program or by hand', async () => {
    const giver = await newGiver();
    await expect(give(giver, giver.id ?? '', 1)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'own_account' },
    });
    const { compensation } = await give(giver, await newPerson(), 1);
    const byHand = {
      id: newId(),
      user_id: giver.id ?? '',
      amount: 1,
      grant_days: 1,
      reason: 'x',
      given_by: giver.id ?? '',
      grant_id: compensation?.grantId ?? '',
      created_at: clock.now(),
    };
    await expect(database.db.insertInto('compensations').values(byHand).execute()).rejects.toThrow(
      /ck_compensations_self/,
    );
    await expect(give(giver, newId(), 1)).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it('above what one may give alone waits for a second person, who is not whoever gets it', async () => {
    const [giver, userId] = [await newGiver(), await newPerson()];
    const { compensation, approval } = await give(giver, userId, 51);
    expect(compensation).toBeNull();
    expect(await available(userId)).toBe(0);
    const approvalId = approval?.id ?? '';
    await expect(approve(approvalId, giver)).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
    await expect(approve(approvalId, { ...on.other, id: userId })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'own_account' },
    });
    const decided = await Promise.allSettled([1, 2, 3].map(() => approve(approvalId, on.other)));
    expect(decided.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await available(userId)).toBe(51);
    expect((await on.compensations.list({ userId, limit: 10 })).items).toMatchObject([
      { amount: 51, givenBy: giver.id, approvalId },
    ]);
  });

  it('gives nothing when it is rejected', async () => {
    const [giver, userId] = [await newGiver(), await newPerson()];
    const { approval } = await give(giver, userId, 60);
    await on.approvals.decide(on.other, { approvalId: approval?.id ?? '', decision: 'reject', reason: '不合理' });
    await expect(approve(approval?.id ?? '', on.other)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    expect(await available(userId)).toBe(0);
  });

  it('can not be cut into pieces for one member, also not at the same time; after 30 days it begins anew', async () => {
    const [giver, userId] = [await newGiver(), await newPerson()];
    const given = await Promise.all(Array.from({ length: 7 }, () => give(giver, userId, 15)));
    expect(given.filter(({ compensation }) => compensation !== null)).toHaveLength(3);
    expect(await available(userId)).toBe(45);
    clock.advance(30 * DAY_MS);
    expect((await give(giver, userId, 50)).compensation).not.toBeNull();
  });

  it('can not be spread over many members on one day', async () => {
    const giver = await newGiver();
    const people = await Promise.all(Array.from({ length: 5 }, newPerson));
    const given = await Promise.all(people.map((userId) => give(giver, userId, 40)));
    expect(given.filter(({ compensation }) => compensation !== null)).toHaveLength(3);
    clock.advance(DAY_MS);
    expect((await give(giver, await newPerson(), 40)).compensation).not.toBeNull();
  });

  it('of two people who give each other at the same time holds nobody up', async () => {
    const [one, two] = [await newGiver(), await newGiver()];
    const calls = Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0 ? give(one, two.id ?? '', 5) : give(two, one.id ?? '', 5),
    );
    expect((await Promise.all(calls)).every(({ compensation }) => compensation !== null)).toBe(true);
    expect([await available(one.id ?? ''), await available(two.id ?? '')]).toEqual([15, 15]);
  });
});

const signUp = (userId: string, quota = 3) =>
  inTransaction(database.db, (tx) => grantSignup(tx, { quota, days: 30 }, { userId, now: clock.now() }));

describe('a sign-up grant', () => {
  it('is given once an account, whoever tries how often', async () => {
    const userId = await newPerson();
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => signUp(userId)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const { reason } of tries.filter((one) => one.status === 'rejected'))
      expect(isDuplicate(reason, 'uq_quota_grants_effect')).toBe(true);
    expect(await available(userId)).toBe(3);
  });

  it('is nothing at all when it is 0', async () => {
    const userId = await newPerson();
    await signUp(userId, 0);
    expect((await listHistory(database.db, userId, { limit: 1 })).items).toEqual([]);
  });

  it('can not be written under another key: the database knows whose it is', async () => {
    const userId = await newPerson();
    const row = { id: newId(), user_id: userId, source: 'signup', amount: 1, remaining: 1 } as const;
    const second = { ...row, effect_key: `signup:${newId()}`, expires_at: clock.now(), created_at: clock.now() };
    await expect(database.db.insertInto('quota_grants').values(second).execute()).rejects.toThrow(
      /ck_quota_grants_signup/,
    );
  });
});
