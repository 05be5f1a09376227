import { createBudgets, type Budgets } from '@yunshang/billing';
import { isAppError } from '@yunshang/contracts';
import { newId, systemClock } from '@yunshang/db';
import type { MadeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createFeatureCatalog,
  createReservations,
  createTaskIntake,
  listFeatureBudgets,
  ProviderFailure,
  registryOf,
  type TaskIntake,
} from '../src/index.ts';
import { failingProvider, quickProvider } from './providers.ts';
import { createRig, type Rig } from './rig.ts';

const CI = 'tencent-ci';
const FEATURE = 'basic_clean';
const finance = { id: null, role: 'system', requestId: 'test' } as const;
/** Of basic_clean: the dearer of its two providers. */
const ESTIMATE = 30_000;

let rig: Rig;
let budgets: Budgets;
let doors: TaskIntake[] = [];
let who: MadeMember;

beforeAll(async () => {
  rig = await createRig();
  const { db } = rig.database;
  budgets = createBudgets({
    db,
    clock: systemClock,
    features: () => listFeatureBudgets(db),
  });
});
beforeEach(async () => {
  who = await rig.member();
  return async () => {
    for (const door of doors) await door.close();
    doors = [];
    await budget(null);
    await setGlobal(null);
  };
});
afterAll(() => rig.close());

/** A process of its own, which knows nothing yet. */
function open(): TaskIntake {
  const { database } = rig;
  const door = createTaskIntake({
    database,
    catalog: createFeatureCatalog(database.db, systemClock),
    signals: { nudge: () => undefined },
    canServe: async () => true,
    reservations: createReservations({ db: database.db, clock: systemClock }),
  });
  doors.push(door);
  return door;
}

async function budget(fen: number | null): Promise<void> {
  const { db } = rig.database;
  await db
    .updateTable('feature_definitions')
    .set({ weekly_budget_fen: fen })
    .where('feature_id', '=', FEATURE)
    .execute();
}
async function setGlobal(weeklyBudgetFen: number | null): Promise<void> {
  const { revision } = await budgets.list({});
  await budgets.setGlobal(finance, { weeklyBudgetFen, revision, reason: 'test' });
}

const create = (door: TaskIntake, from: MadeMember = who, key = newId()) =>
  door.create({ userId: from.userId, featureId: FEATURE, input: { photo: from.assetId }, idempotencyKey: key });

const createMany = (door: TaskIntake, count: number) =>
  door.createMany({
    userId: who.userId,
    featureId: FEATURE,
    inputs: Array.from({ length: count }, () => ({ photo: who.assetId })),
    idempotencyKey: newId(),
  });

async function outcomes(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const results = await Promise.allSettled(calls);
  const tally: Record<string, number> = {};
  for (const result of results) {
    const name = result.status === 'fulfilled' ? 'created' : isAppError(result.reason) ? result.reason.code : 'broken';
    tally[name] = (tally[name] ?? 0) + 1;
  }
  return tally;
}

async function counter(scope: string): Promise<{ reserved: number; spent: number }> {
  const row = await rig.database.db
    .selectFrom('budget_weeks')
    .select(['reserved_micro_yuan as reserved', 'spent_micro_yuan as spent'])
    .where('scope', '=', scope)
    .executeTakeFirst();
  return row ?? { reserved: 0, spent: 0 };
}
const feature = () => counter(`feature:${FEATURE}`);

/** A budget with room for that many more tasks. */
async function roomFor(tasks: number): Promise<void> {
  const { reserved, spent } = await feature();
  await budget(Math.ceil((reserved + spent + tasks * ESTIMATE) / 10_000));
}

async function balance(): Promise<number> {
  const { db } = rig.database;
  const query = db.selectFrom('users').select('quota_remaining').where('id', '=', who.userId);
  return (await query.executeTakeFirstOrThrow()).quota_remaining;
}

test('without a budget a task reserves nothing, and is counted when it has ended', async () => {
  const { id: taskId } = await create(open());
  expect(await feature()).toEqual({ reserved: 0, spent: 0 });
  await rig.runner({ providers: registryOf([quickProvider(CI, rig.garment)]) }).run({ taskId });
  expect([await feature(), await counter('global')]).toEqual([
    { reserved: 0, spent: 30_000 },
    { reserved: 0, spent: 30_000 },
  ]);
});

test('of a hundred at once through three processes as many pass as there is room for, and nobody else pays', async () => {
  await roomFor(7);
  const [first, second, third] = [open(), open(), open()];
  const others = await Promise.all([rig.member(), rig.member(), rig.member()]);
  const calls = Array.from({ length: 100 }, (_, n) =>
    create([first, second, third][n % 3] ?? first, others[n % 4] ?? who),
  );
  expect(await outcomes(calls)).toEqual({ created: 7, BUDGET_EXCEEDED: 93 });
  const { db } = rig.database;
  const ids = [who, ...others].map(({ userId }) => userId);
  const paid = await db.selectFrom('users').select('quota_remaining').where('id', 'in', ids).execute();
  expect(paid.reduce((sum, row) => sum + row.quota_remaining, 0)).toBe(4 * 100 - 7);
  expect((await feature()).reserved).toBe(7 * ESTIMATE);
  expect(await runDoctor(db, { now: new Date() })).toEqual([]);
});

test('a refusal names the budget and when it begins anew, takes no quota and calls somebody once', async () => {
  await roomFor(0);
  const door = open();
  const error = await create(door).catch((thrown: unknown) => thrown);
  if (!isAppError(error, 'BUDGET_EXCEEDED')) throw error;
  const { limit, resetsAt = '', retryAfterSeconds = 0 } = error.details;
  expect(limit).toBe('feature');
  expect(new Date(resetsAt).toISOString()).toMatch(/T16:00:00.000Z$/);
  expect(Math.abs(Date.parse(resetsAt) - Date.now() - retryAfterSeconds * 1000)).toBeLessThan(5_000);
  await expect(create(door)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', details: { limit: 'feature' } });
  expect(await balance()).toBe(100);
  const alerts = await rig.database.db.selectFrom('alerts').selectAll().where('kind', '=', 'budget_100').execute();
  expect(alerts).toMatchObject([{ details: { scope: `feature:${FEATURE}` } }]);
});

test('what was created before under the same key is answered again, budget or not', async () => {
  const key = newId();
  const task = await create(open(), who, key);
  await roomFor(0);
  await expect(create(open(), who, key)).resolves.toMatchObject({ id: task.id });
});

test('a task that fails before any cost gives its room back, one that succeeds keeps what it cost', async () => {
  await roomFor(1);
  const { id: failing } = await create(open());
  await expect(create(open())).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  const before = await feature();
  const refused = new ProviderFailure('our_account', 'http_402', { costMicroYuan: 0 });
  await rig.runner({ providers: registryOf([failingProvider(CI, refused)]) }).run({ taskId: failing });
  expect(await feature()).toEqual({ reserved: before.reserved - ESTIMATE, spent: before.spent });
  const { id: done } = await create(open());
  await rig.runner({ providers: registryOf([quickProvider(CI, rig.garment)]) }).run({ taskId: done });
  expect(await feature()).toEqual({ reserved: before.reserved - ESTIMATE, spent: before.spent + 30_000 });
  await expect(create(open())).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('cancelling a task that nobody has begun gives its room back', async () => {
  await roomFor(1);
  const before = await feature();
  const { id } = await create(open());
  await rig.tasks.cancel(who.userId, id);
  expect(await feature()).toEqual(before);
  await expect(create(open())).resolves.toMatchObject({ status: 'pending' });
});

test('a batch fits whole or not at all, and a single task still fits where it does not', async () => {
  await roomFor(3);
  const door = open();
  for (let again = 0; again < 2; again += 1)
    await expect(createMany(door, 4)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', details: { limit: 'feature' } });
  expect(await balance()).toBe(100);
  await expect(createMany(door, 2)).resolves.toMatchObject({ batchId: expect.any(String) });
  await expect(create(door)).resolves.toMatchObject({ status: 'pending' });
  await expect(create(door)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('the global budget holds for all features together, also without one of the feature', async () => {
  const { reserved, spent } = await counter('global');
  await setGlobal(Math.ceil((reserved + spent + 2 * ESTIMATE) / 10_000));
  const [first, second] = [open(), open()];
  const calls = Array.from({ length: 10 }, (_, n) => create(n % 2 === 0 ? first : second));
  expect(await outcomes(calls)).toEqual({ created: 2, BUDGET_EXCEEDED: 8 });
  await expect(create(first)).rejects.toMatchObject({ details: { limit: 'global' } });
  expect((await counter('global')).reserved).toBe(reserved + 2 * ESTIMATE);
  expect((await budgets.list({})).items[0]).toMatchObject({ featureId: null, level: 'full', usedPercent: 100 });
});

test('raising a budget lets tasks in again, lowering it shuts them out', async () => {
  await roomFor(0);
  await expect(create(open())).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  await roomFor(2);
  await create(open());
  await budget(1);
  await expect(create(open())).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
});

test('somebody is told at 80 % and at 100 %, once a week each', async () => {
  const { db } = rig.database;
  await db.deleteFrom('alerts').execute();
  const { reserved, spent } = await feature();
  const used = Math.ceil((reserved + spent) / 10_000);
  await budget(used * 2);
  expect(await budgets.watch()).toBe(0);
  await budget(Math.floor(used * 1.25));
  expect([await budgets.watch(), await budgets.watch()]).toEqual([1, 0]);
  await budget(used - 1);
  expect([await budgets.watch(), await budgets.watch()]).toEqual([1, 0]);
  const told = await db.selectFrom('alerts').select('kind').orderBy('id').execute();
  expect(told.map(({ kind }) => kind)).toEqual(['budget_80', 'budget_100']);
});

test('two people can not set the global budget over each other, and what is set is in the audit log', async () => {
  const { revision } = await budgets.list({});
  const set = (weeklyBudgetFen: number) => budgets.setGlobal(finance, { weeklyBudgetFen, revision, reason: 'Q4' });
  const both = await Promise.allSettled([set(1_000), set(2_000)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'STATE_CONFLICT' } });
  const logs = await rig.database.db
    .selectFrom('audit_logs')
    .select('details')
    .where('action', '=', 'budget.global_set')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  expect(logs?.details).toMatchObject({ before: null, reason: 'Q4' });
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
