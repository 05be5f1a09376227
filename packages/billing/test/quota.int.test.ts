import { isAppError } from '@yunshang/contracts';
import { inTransaction, isDuplicate, newId } from '@yunshang/db';
import { testDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  getBalance,
  grantQuota,
  listHistory,
  lockUser,
  refundCharge,
  settleCharge,
  writeOffEndedGrants,
} from '../src/index.ts';
import { DAY_MS, expectHealthy, failTask, finishTask, giveQuota, holdCharge, makeMember } from './members.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const now = new Date('2026-01-15T04:00:00.000Z');
const inDays = (days: number): Date => new Date(now.getTime() + days * DAY_MS);

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await expectHealthy(database.db, inDays(40));
  await database.close();
});

const available = async (userId: string, at: Date = now): Promise<number> =>
  (await getBalance(database.db, userId, at)).available;

describe('a grant', () => {
  it('raises the balance and stands in the ledger with its cause', async () => {
    const userId = await makeMember(database.db, now);
    const grantId = await giveQuota(database.db, userId, { amount: 100, days: 30, now });
    expect(await getBalance(database.db, userId, now)).toEqual({
      available: 100,
      grants: [
        {
          id: grantId,
          source: 'promotion',
          title: { zh: '周年庆', en: '周年庆' },
          orderId: null,
          amount: 100,
          remaining: 100,
          expiresAt: inDays(30).toISOString(),
        },
      ],
    });
    const { items } = await listHistory(database.db, userId, { limit: 10 });
    expect(items).toMatchObject([
      { seq: 1, kind: 'grant', amount: 100, balanceBefore: 0, balanceAfter: 100, cause: 'campaign_claimed', grantId },
    ]);
  });

  it('is given once when ten connections give the same thing at the same time', async () => {
    const userId = await makeMember(database.db, now);
    const gift = { amount: 5, days: 30, now, campaignId: newId() };
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => giveQuota(database.db, userId, gift)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refusals.every((reason) => isDuplicate(reason, 'uq_quota_grants_effect'))).toBe(true);
    expect(await available(userId)).toBe(5);
  });

  it('needs the member read under the lock', async () => {
    const userId = await makeMember(database.db, now);
    const stale = await inTransaction(database.db, (tx) => lockUser(tx, userId));
    await giveQuota(database.db, userId, { amount: 1, days: 1, now });
    const grant = { source: 'promotion' as const, amount: 1, expiresAt: inDays(1), effectKey: `promotion:${newId()}` };
    await expect(
      inTransaction(database.db, (tx) => grantQuota(tx, stale, { ...grant, cause: 'campaign', now })),
    ).rejects.toThrow(/uq_quota_logs_seq/);
    expect(await available(userId)).toBe(1);
  });
});

describe('a refund', () => {
  it('gives each part back to the grant it came from', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 3, days: 5, now });
    await giveQuota(database.db, userId, { amount: 10, days: 30, now });
    const held = await holdCharge(database.db, userId, { amount: 7, now });
    expect((await getBalance(database.db, userId, now)).grants.map((grant) => grant.remaining)).toEqual([6]);
    expect(await failTask(database.db, held, now)).toBe(7);
    expect((await getBalance(database.db, userId, now)).grants.map((grant) => grant.remaining)).toEqual([3, 10]);
    const { items } = await listHistory(database.db, userId, { limit: 1 });
    expect(items).toMatchObject([{ kind: 'refund', amount: 7, cause: 'task_failed', taskId: held.taskId }]);
  });

  it('makes one compensation grant of 7 days out of what ended grants had paid', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 3, days: 1, now });
    await giveQuota(database.db, userId, { amount: 2, days: 2, now });
    await giveQuota(database.db, userId, { amount: 10, days: 30, now });
    const held = await holdCharge(database.db, userId, { amount: 6, now });
    expect(await failTask(database.db, held, inDays(3))).toBe(6);
    const { grants } = await getBalance(database.db, userId, inDays(3));
    expect(grants).toMatchObject([
      { source: 'compensation', amount: 5, remaining: 5, expiresAt: inDays(10).toISOString() },
      { source: 'promotion', remaining: 10 },
    ]);
  });

  it('of a charge on a compensation grant goes back to that grant', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 4, days: 1, now });
    const first = await holdCharge(database.db, userId, { amount: 4, now });
    await failTask(database.db, first, inDays(2));
    const second = await holdCharge(database.db, userId, { amount: 3, now: inDays(2) });
    await failTask(database.db, second, inDays(3));
    expect((await getBalance(database.db, userId, inDays(3))).grants).toMatchObject([{ amount: 4, remaining: 4 }]);
  });

  it('happens once in twenty parallel tries while another charge is outstanding', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 20, days: 30, now });
    const held = await holdCharge(database.db, userId, { amount: 4, now });
    const other = await holdCharge(database.db, userId, { amount: 5, now });
    const refunds = await Promise.all(Array.from({ length: 20 }, () => failTask(database.db, held, now)));
    expect(refunds.filter((refunded) => refunded !== undefined)).toEqual([4]);
    expect(await available(userId)).toBe(15);
    await finishTask(database.db, other, now);
    expect(await available(userId)).toBe(15);
  });

  it('of two charges of one member at the same time gives both back', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 20, days: 30, now });
    const held = await Promise.all([1, 2, 3, 4, 5].map((amount) => holdCharge(database.db, userId, { amount, now })));
    await Promise.all(held.map((one) => failTask(database.db, one, now)));
    expect(await available(userId)).toBe(20);
  });

  it("leaves another member's charge alone", async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 5, days: 30, now });
    const held = await holdCharge(database.db, userId, { amount: 5, now });
    const stranger = await makeMember(database.db, now);
    const theft = { userId: stranger, chargeId: held.chargeId, cause: 'task_failed', now };
    expect(await inTransaction(database.db, (tx) => refundCharge(tx, theft))).toEqual({ refunded: undefined });
    expect(await available(stranger)).toBe(0);
    await failTask(database.db, held, now);
  });
});

describe('a settled charge', () => {
  it('is never refunded', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 5, days: 30, now });
    const held = await holdCharge(database.db, userId, { amount: 2, now });
    await finishTask(database.db, held, now);
    expect(await failTask(database.db, held, now).catch((error: unknown) => error)).toBeUndefined();
    expect(await available(userId)).toBe(3);
  });

  it('has one winner when success and failure meet', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 5, days: 30, now });
    const held = await holdCharge(database.db, userId, { amount: 5, now });
    await failTask(database.db, held, now);
    const second = await inTransaction(database.db, (tx) => settleCharge(tx, { chargeId: held.chargeId, now })).catch(
      (error: unknown) => error,
    );
    expect(isAppError(second, 'STATE_CONFLICT')).toBe(true);
    expect(await available(userId)).toBe(5);
  });
});

const deps = (at: Date) => ({ database, clock: { now: () => at } });

describe('writing off', () => {
  it('takes what is left of ended grants by a ledger row, once, by however many sweepers', async () => {
    const userId = await makeMember(database.db, now);
    await giveQuota(database.db, userId, { amount: 3, days: 1, now });
    await giveQuota(database.db, userId, { amount: 4, days: 2, now });
    await giveQuota(database.db, userId, { amount: 5, days: 35, now });
    const swept = await Promise.all([1, 2, 3, 4].map(() => writeOffEndedGrants(deps(inDays(3)))));
    expect(swept.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
    const { items } = await listHistory(database.db, userId, { limit: 2 });
    expect(items).toMatchObject([
      { kind: 'expire', amount: -4, balanceAfter: 5, cause: 'grant_ended' },
      { kind: 'expire', amount: -3, balanceAfter: 9 },
    ]);
    expect(await writeOffEndedGrants(deps(inDays(3)))).toBe(0);
  });

  it('and a refund at the same time lose nothing and give nothing twice', async () => {
    const members = await Promise.all(Array.from({ length: 6 }, () => makeMember(database.db, now)));
    const held = await Promise.all(
      members.map(async (userId) => {
        await giveQuota(database.db, userId, { amount: 10, days: 1, now });
        return holdCharge(database.db, userId, { amount: 4, now });
      }),
    );
    await Promise.all([
      ...held.map((one) => failTask(database.db, one, inDays(2))),
      writeOffEndedGrants(deps(inDays(2))),
      writeOffEndedGrants(deps(inDays(2))),
    ]);
    const balances = await Promise.all(members.map((userId) => available(userId, inDays(2))));
    expect(balances).toEqual(members.map(() => 4));
  });

  it('by a clock ahead of ours turns the refund into a compensation', async () => {
    const userId = await makeMember(database.db, now);
    const grantId = await giveQuota(database.db, userId, { amount: 10, days: 1, now });
    const held = await holdCharge(database.db, userId, { amount: 4, now });
    await writeOffEndedGrants(deps(inDays(1)));
    const justBefore = new Date(inDays(1).getTime() - 1000);
    expect(await failTask(database.db, held, justBefore)).toBe(4);
    const { grants } = await getBalance(database.db, userId, justBefore);
    expect(grants).toMatchObject([{ source: 'compensation', remaining: 4 }]);
    expect(grants[0]?.id).not.toBe(grantId);
  });
});

describe('the history', () => {
  it('pages from the newest to the first without gap or repeat', async () => {
    const userId = await makeMember(database.db, now);
    for (let count = 0; count < 5; count += 1) await giveQuota(database.db, userId, { amount: 1, days: 30, now });
    const first = await listHistory(database.db, userId, { limit: 2 });
    expect(first.items.map((item) => item.seq)).toEqual([5, 4]);
    const second = await listHistory(database.db, userId, { limit: 3, cursor: first.nextCursor ?? 0 });
    expect(second.items.map((item) => item.seq)).toEqual([3, 2, 1]);
    expect(second.nextCursor).toBeNull();
  });
});
