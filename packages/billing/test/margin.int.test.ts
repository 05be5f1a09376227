import { inTransaction, newId, toJson, type Db } from '@yunshang/db';
import { fakeClock } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookEstimate, createCosts, grantQuota, lockUser, settleCost, type Costs } from '../src/index.ts';
import { DAY_MS, failTask, finishTask, giveQuota, holdCharge, makeMember, type Held } from './members.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const clock = fakeClock(new Date());
let costs: Costs;
let payer: string;
let guest: string;
const PERIOD = { from: dayOf(clock.now()), to: dayOf(clock.now()) };

/** In Asia/Shanghai. */
function dayOf(time: Date): string {
  return new Date(time.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** 3 units for 1 yuan: a third of it is not a whole number of anything. */
async function buy(db: Db, userId: string): Promise<void> {
  const [now, id] = [clock.now(), newId()];
  const times = { created_at: now, expires_at: now, paid_at: now, updated_at: now };
  await db
    .insertInto('orders')
    .values({
      id,
      user_id: userId,
      out_trade_no: id,
      plan_id: 'BASIC',
      plan_version: 1,
      plan_snapshot: toJson({}),
      amount_fen: 100,
      currency: 'CNY',
      channel: 'native',
      status: 'paid',
      ...times,
    })
    .execute();
  const expiresAt = new Date(now.getTime() + DAY_MS);
  const grant = { source: 'purchase' as const, amount: 3, expiresAt, effectKey: `order:${id}`, orderId: id, now };
  await inTransaction(db, async (tx) => {
    await grantQuota(tx, await lockUser(tx, userId), { ...grant, cause: 'order_paid' });
  });
}

function spend(held: Held, subject: string, microYuan: number): Promise<void> {
  const { taskId, userId } = held;
  const now = clock.now();
  const what = { item: 'provider:tencent-ci', vendor: 'tencent_ci', unitPriceId: null, featureId: 'basic_clean' };
  return inTransaction(database.db, (tx) =>
    bookEstimate(tx, { ...what, subject, amountMicroYuan: microYuan, taskId, userId, occurredAt: now, now }),
  );
}

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  costs = createCosts({ db });
  payer = await makeMember(db, clock.now());
  guest = await makeMember(db, clock.now());
  await buy(db, payer);
  await giveQuota(db, guest, { amount: 10, days: 1, now: clock.now() });
  const hold = (userId: string, amount: number) => holdCharge(db, userId, { amount, now: clock.now() });
  const paid = await hold(payer, 2);
  await spend(paid, 'failed-try', 30_000);
  await spend(paid, 'try', 30_000);
  await inTransaction(db, (tx) => settleCost(tx, { subject: 'try', microYuan: 20_000, now: clock.now() }));
  await finishTask(db, paid, clock.now());
  const lost = await hold(payer, 1);
  await spend(lost, 'lost', 5_000);
  await failTask(db, lost, clock.now());
  const given = await hold(guest, 1);
  await spend(given, 'given', 7_000);
  await finishTask(db, given, clock.now());
  await hold(guest, 1);
});
afterAll(() => database.close());

test('a feature earns its settled share of what was paid, rounded down, and costs what failed attempts and tasks cost too', async () => {
  const { items } = await costs.margin({ by: 'feature', ...PERIOD, limit: 50 });
  expect(items).toEqual([
    {
      key: 'basic_clean',
      charges: 2,
      quota: 3,
      revenueMicroYuan: 666_666,
      costMicroYuan: 62_000,
      marginMicroYuan: 604_666,
    },
  ]);
});

test('by plan, what nobody paid for stands apart, and the sums are those of the features', async () => {
  const { items } = await costs.margin({ by: 'plan', ...PERIOD, limit: 50 });
  expect(items).toMatchObject([
    { key: null, charges: 1, revenueMicroYuan: 0, costMicroYuan: 7_000 },
    { key: 'BASIC', charges: 1, revenueMicroYuan: 666_666, costMicroYuan: 55_000 },
  ]);
});

test('by user in pages, and for one of them', async () => {
  const ask = { by: 'user', ...PERIOD } as const;
  const first = await costs.margin({ ...ask, limit: 1 });
  const second = await costs.margin({ ...ask, limit: 1, cursor: first.nextCursor ?? '' });
  const keys = [...first.items, ...second.items].map(({ key }) => key);
  expect(keys).toEqual([payer, guest].toSorted());
  expect((await costs.margin({ ...ask, limit: 1, cursor: second.nextCursor ?? '' })).items).toEqual([]);
  const alone = await costs.margin({ ...ask, userId: guest, limit: 10 });
  expect(alone).toMatchObject({ items: [{ key: guest, marginMicroYuan: -7_000 }], nextCursor: null });
});

test('the ledger is read newest first, and its summary says what vendors changed of the estimates', async () => {
  const first = await costs.list({ userId: payer, limit: 3 });
  const rest = await costs.list({ userId: payer, limit: 3, cursor: first.nextCursor ?? 0 });
  const amounts = [...first.items, ...rest.items].map(({ kind, amountMicroYuan }) => `${kind} ${amountMicroYuan}`);
  expect(amounts).toEqual(['estimate 5000', 'settlement -10000', 'estimate 30000', 'estimate 30000']);
  expect(await costs.summary(PERIOD)).toEqual({
    items: [
      {
        item: 'provider:tencent-ci',
        entries: 5,
        estimatedMicroYuan: 72_000,
        settledMicroYuan: -10_000,
        totalMicroYuan: 62_000,
      },
    ],
    totalMicroYuan: 62_000,
  });
});

test('a period that ends before it begins, or is longer than a quarter, is refused', async () => {
  for (const period of [
    { from: '2026-06-02', to: '2026-06-01' },
    { from: '2026-01-01', to: '2026-04-03' },
  ])
    await expect(costs.summary(period)).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: { issues: [{ field: 'to', rule: 'period' }] },
    });
});
