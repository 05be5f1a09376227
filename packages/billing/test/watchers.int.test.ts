import { inTransaction, newId } from '@yunshang/db';
import { fakeClock, makeMembers } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bookEstimate, createNotices, tellLowQuota, watchHeavyUse, watchUnitCosts } from '../src/index.ts';
import { DAY_MS, finishTask, holdCharge } from './members.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
/** 08:59 in Asia/Shanghai, some days from now: what is made here is in force by then. */
const START = new Date(new Date(Date.now() + 3 * DAY_MS).toISOString().slice(0, 10) + 'T00:59:00.000Z');
const clock = fakeClock(START);
beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => void clock.set(START));
afterAll(() => database.close());

const deps = () => ({ db: database.db, clock });
const alerts = (kind: string) =>
  database.db.selectFrom('alerts').select(['dedup_key', 'details']).where('kind', '=', kind).execute();

test('members with little left hear of it at nine, once a day, also when two workers look', async () => {
  const { db } = database;
  const members = async (quota: number, more = {}) => (await makeMembers(db, 1, { quota, ...more }))[0]?.userId ?? '';
  const [low, empty] = [await members(9), await members(0)];
  await members(10);
  await members(3, { startsAt: new Date(Date.now() - 40 * DAY_MS), endsAt: new Date(Date.now() + DAY_MS) });
  expect(await tellLowQuota({ ...deps(), texts: false })).toBe(0);
  clock.advance(60_000);
  const both = await Promise.all([
    tellLowQuota({ ...deps(), texts: false }),
    tellLowQuota({ ...deps(), texts: false }),
  ]);
  expect(both.reduce((sum, told) => sum + told, 0)).toBe(2);
  clock.advance(3_600_000);
  expect(await tellLowQuota({ ...deps(), texts: false })).toBe(0);
  clock.advance(DAY_MS);
  expect(await tellLowQuota({ ...deps(), texts: false })).toBe(2);

  const notices = createNotices(deps());
  const { items, unread } = await notices.list(low, { limit: 1 });
  expect(unread).toBe(2);
  expect(items).toMatchObject([{ kind: 'low_quota', details: { available: 9 }, readAt: null }]);
  expect(items[0]?.text.zh).toContain('剩余配额为 9');
  expect((await notices.list(empty, { limit: 5 })).items).toHaveLength(2);
  expect(await notices.read(empty, items[0]?.id ?? '')).toEqual({ unread: expect.any(Number) });
  expect(await notices.read(low, items[0]?.id ?? '')).toEqual({ unread: 0 });
  expect((await notices.list(low, { limit: 5 })).items.map(({ readAt }) => readAt === null)).toEqual([false, false]);
});

test('a member charged more than a hundred times in an hour is told of once in it', async () => {
  const { db } = database;
  clock.set(new Date());
  const [busy, calm] = await makeMembers(db, 2, { quota: 200 });
  const charge = (userId = '', count = 0) =>
    db
      .insertInto('quota_charges')
      .values(
        Array.from({ length: count }, () => ({
          id: newId(),
          user_id: userId,
          task_id: newId(),
          amount: 1,
          status: 'held' as const,
          created_at: clock.now(),
        })),
      )
      .execute();
  await charge(busy?.userId, 101);
  await charge(calm?.userId, 100);
  expect([await watchHeavyUse(deps()), await watchHeavyUse(deps())]).toEqual([1, 0]);
  expect((await alerts('heavy_use')).map(({ details }) => details)).toEqual([{ userId: busy?.userId, charges: 101 }]);
  clock.advance(2 * 3_600_000);
  expect(await watchHeavyUse(deps())).toBe(0);
});

test('a use that cost 30 % more yesterday than before is told of once, and the day after it is the new average', async () => {
  const { db } = database;
  const [member] = await makeMembers(db, 1, { quota: 200 });
  const userId = member?.userId ?? '';
  const uses = async (count: number, { at, microYuan }: { at: Date; microYuan: number }) => {
    for (let n = 0; n < count; n += 1) {
      const held = await holdCharge(db, userId, { amount: 1, now: at });
      await finishTask(db, held, at);
      const { taskId } = held;
      const what = { item: 'provider:tencent-ci', vendor: 'tencent_ci', unitPriceId: null, featureId: 'basic_clean' };
      const cost = { ...what, subject: newId(), amountMicroYuan: microYuan, taskId, userId, occurredAt: at, now: at };
      await inTransaction(db, (tx) => bookEstimate(tx, cost));
    }
  };
  await uses(100, { at: new Date(), microYuan: 10_000 });
  const yesterday = new Date(START.getTime() - DAY_MS);
  await uses(20, { at: yesterday, microYuan: 13_000 });
  // 01:59 and 02:59 in Asia/Shanghai.
  clock.set(new Date(START.getTime() - 7 * 3_600_000));
  expect(await watchUnitCosts(deps())).toBe(0);
  clock.advance(3_600_000);
  expect([await watchUnitCosts(deps()), await watchUnitCosts(deps())]).toEqual([1, 0]);
  expect((await alerts('unit_cost_up')).map(({ details }) => details)).toEqual([
    { featureId: 'basic_clean', microYuanEach: 13_000, microYuanEachBefore: 10_000 },
  ]);
});
