import { AppError } from '@yunshang/contracts';
import { newId, systemClock, toJson } from '@yunshang/db';
import { makeMember, type MadeMember } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReservations } from '../admission/reservations.ts';
import { createTaskIntake, type TaskIntake } from '../admission/task-intake.ts';
import { createFeatureCatalog } from '../features/feature.store.ts';
import { createCosStorage } from '../storage/cos-storage.ts';
import { claimTask } from '../running/lease.ts';
import { failTask } from '../running/outcome.store.ts';
import { createBatches, type Batches } from './batches.ts';

let database: TestDatabase;
let intake: TaskIntake;
let batches: Batches;
const signals = { nudge: () => undefined, taskMoved: () => undefined };
const noStorage = createCosStorage({
  secretId: 'none',
  secretKey: 'none',
  bucket: 'none-1',
  region: 'ap-guangzhou',
  timeoutMs: 100,
  domain: '127.0.0.1:1',
  protocol: 'http:',
});

beforeAll(async () => {
  database = await testDatabase();
  const limits = toJson({ maxPerHour: 1_000, maxPerDay: 1_000, cooldownSeconds: 30 });
  await database.db
    .updateTable('feature_definitions')
    .set({ rate_limit_policy: limits })
    .where('feature_id', '=', 'basic_clean')
    .execute();
  const catalog = createFeatureCatalog(database.db, systemClock);
  const reservations = createReservations({ db: database.db, clock: systemClock });
  intake = createTaskIntake({ database, catalog, signals, reservations, canServe: async () => true });
  batches = createBatches({ db: database.db, clock: systemClock, signals, intake, storage: noStorage });
});

afterAll(async () => {
  await intake.close();
  await database.close();
});

const inputsOf = (who: MadeMember, count: number) => Array.from({ length: count }, () => ({ photo: who.assetId }));
const create = (who: MadeMember, count: number, idempotencyKey: string = newId()) =>
  batches.create({ userId: who.userId, featureId: 'basic_clean', inputs: inputsOf(who, count), idempotencyKey });
const member = (quota: number) => makeMember(database.db, { quota, plan: 'PRO' });

async function balance(who: MadeMember): Promise<number> {
  const query = database.db.selectFrom('users').select('quota_remaining').where('id', '=', who.userId);
  return (await query.executeTakeFirstOrThrow()).quota_remaining;
}

const tasksOf = (who: MadeMember) =>
  database.db.selectFrom('tasks').selectAll().where('user_id', '=', who.userId).orderBy('feature_seq').execute();

const leaseOf = (taskId: string) => ({ taskId, token: newId(), leaseMs: 60_000 });

/** Works on the task as a worker would, until it fails. */
async function fail(taskId: string, userId: string): Promise<boolean> {
  const lease = leaseOf(taskId);
  const claim = await claimTask(database.db, lease, new Date());
  if (claim.kind !== 'ours') return false;
  const failure = {
    taskId,
    userId,
    code: 'PROVIDER_FAILED',
    onFailure: 'refund_quota',
    now: new Date(),
    lease,
  } as const;
  return failTask(database.db, failure);
}

test('fifty inputs are one deduction and fifty tasks, in the order of the inputs, each with a job of its member', async () => {
  const who = await member(60);
  const batch = await create(who, 50);
  expect(batch).toMatchObject({
    size: 50,
    counts: { pending: 50, processing: 0, succeeded: 0, failed: 0, cancelled: 0 },
    percent: 0,
    isDone: false,
    finishedAt: null,
    charge: { cost: 50, charged: 50, refunded: 0, zh: '已预扣 50 配额，失败自动退还' },
  });
  expect(await balance(who)).toBe(10);
  const tasks = await tasksOf(who);
  expect(tasks.map(({ id }) => id)).toEqual(batch.tasks.map(({ id }) => id));
  expect(new Set(tasks.map((task) => task.batch_id))).toEqual(new Set([batch.id]));
  const jobs = await database.db.selectFrom('outbox').select('priority').where('user_id', '=', who.userId).execute();
  expect(jobs).toEqual(Array.from({ length: 50 }, () => ({ priority: 2 })));
  expect(await batches.get(who.userId, batch.id)).toEqual(batch);
});

test('fifty inputs with quota for forty-nine create nothing', async () => {
  const who = await member(49);
  await expect(create(who, 50)).rejects.toMatchObject({
    code: 'QUOTA_INSUFFICIENT',
    details: { required: 50, available: 49, field: 'inputs.49' },
  });
  expect([await balance(who), await tasksOf(who)]).toEqual([49, []]);
  expect((await batches.list(who.userId, { limit: 10 })).items).toEqual([]);
});

test('one bad input refuses the whole, and each issue names its place', async () => {
  const [who, other] = [await member(9), await member(9)];
  const ask = (inputs: Record<string, string>[]) =>
    batches
      .create({ userId: who.userId, featureId: 'basic_clean', inputs, idempotencyKey: newId() })
      .catch((error: AppError) => [error.code, error.details.field, error.details.issues?.map(({ field }) => field)]);
  const good = { photo: who.assetId };
  expect(await ask([good, {}, good, {}])).toEqual(['FORM_INVALID', 'inputs.1', ['inputs.1.photo', 'inputs.3.photo']]);
  expect(await ask([good, good, good, { photo: other.assetId }])).toEqual([
    'FORM_INVALID',
    'inputs.3',
    ['inputs.3.photo'],
  ]);
  expect([await balance(who), await tasksOf(who)]).toEqual([9, []]);
});

test('two batches racing for the quota of one: one winner, whole', async () => {
  const who = await member(50);
  const second = createTaskIntake({
    database,
    catalog: createFeatureCatalog(database.db, systemClock),
    signals,
    reservations: createReservations({ db: database.db, clock: systemClock }),
    canServe: async () => true,
  });
  const wish = { userId: who.userId, featureId: 'basic_clean', inputs: inputsOf(who, 30) };
  const ended = await Promise.allSettled(
    [intake, second, intake, second].map((door) => door.createMany({ ...wish, idempotencyKey: newId() })),
  );
  await second.close();
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect([await balance(who), (await tasksOf(who)).length]).toEqual([20, 30]);
});

test('the same key ten times at once is one batch and ten equal answers; with another body it is refused', async () => {
  const who = await member(50);
  const answers = await Promise.all(Array.from({ length: 10 }, () => create(who, 5, 'the-same-key')));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await balance(who)).toBe(45);
  await expect(create(who, 6, 'the-same-key')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

test('the cooldown lies between batches, not within one', async () => {
  const who = await member(50);
  await create(who, 5);
  await expect(create(who, 1)).rejects.toMatchObject({ code: 'FEATURE_COOLDOWN' });
});

test('cancelling refunds each task nobody has begun once, while workers begin them', async () => {
  const who = await member(50);
  const batch = await create(who, 40);
  const claims = batch.tasks.map(({ id }) => claimTask(database.db, leaseOf(id), new Date()));
  await Promise.all([
    ...claims.slice(0, 20),
    batches.cancel(who.userId, batch.id),
    batches.cancel(who.userId, batch.id),
  ]);
  await Promise.all(claims);
  const { counts, charge } = await batches.get(who.userId, batch.id);
  expect(counts.processing + counts.cancelled).toBe(40);
  expect(charge).toMatchObject({ cost: 40, charged: counts.processing, refunded: counts.cancelled });
  expect(await balance(who)).toBe(10 + counts.cancelled);
  for (const { id } of batch.tasks)
    await database.db
      .updateTable('tasks')
      .set({ lease_until: new Date(0) })
      .where('id', '=', id)
      .execute();
  for (const { id } of batch.tasks) await fail(id, who.userId);
  const ended = await batches.get(who.userId, batch.id);
  expect(ended).toMatchObject({
    isDone: true,
    percent: 100,
    charge: { charged: 0, refunded: 40, en: 'You were not charged, 40 returned' },
  });
  expect(await balance(who)).toBe(50);
});

test('what failed is done again as a new batch, paid anew, and each task once', async () => {
  const who = await member(20);
  const batch = await create(who, 6);
  for (const { id } of batch.tasks.slice(0, 3)) await fail(id, who.userId);
  expect(await balance(who)).toBe(17);
  await database.db
    .updateTable('feature_usage')
    .set({ last_at: new Date(0) })
    .where('user_id', '=', who.userId)
    .execute();
  const retry = (idempotencyKey: string) =>
    batches.retryFailed({ userId: who.userId, batchId: batch.id, idempotencyKey });
  const ended = await Promise.allSettled(['one', 'two', 'one'].map(retry));
  const [again] = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(new Set(ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value.id] : []))).size).toBe(1);
  expect(again).toMatchObject({ size: 3, counts: { pending: 3 } });
  expect(await balance(who)).toBe(14);
  const rows = await tasksOf(who);
  expect(rows.slice(-3).map((row) => row.retry_of)).toEqual(batch.tasks.slice(0, 3).map(({ id }) => id));
  await expect(retry('three')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  await expect(
    batches.retryFailed({ userId: (await member(1)).userId, batchId: batch.id, idempotencyKey: 'k' }),
  ).rejects.toMatchObject({ code: 'BATCH_NOT_FOUND' });
});

test('progress is told as it grows, and the last word is that it is done', async () => {
  const who = await member(20);
  const batch = await create(who, 2);
  const after = (id: string | null) => batches.eventAfter(who.userId, batch.id, id);
  const first = await after(null);
  expect(first?.event).toEqual({
    batchId: batch.id,
    counts: { pending: 2, processing: 0, succeeded: 0, failed: 0, cancelled: 0 },
    percent: 0,
    isDone: false,
  });
  expect(await after(first?.id ?? null)).toBeUndefined();
  await fail(batch.tasks[0]?.id ?? '', who.userId);
  const second = await after(first?.id ?? null);
  expect(second?.event).toMatchObject({ counts: { pending: 1, failed: 1 }, percent: 50, isDone: false });
  await batches.cancel(who.userId, batch.id);
  expect((await after(second?.id ?? null))?.event).toMatchObject({ percent: 100, isDone: true });
});

test('batches are listed newest first, a page at a time, and a stranger sees none', async () => {
  const who = await member(20);
  const made = [];
  for (let n = 0; n < 3; n += 1) {
    made.unshift((await create(who, 1)).id);
    await database.db
      .updateTable('feature_usage')
      .set({ last_at: new Date(0) })
      .where('user_id', '=', who.userId)
      .execute();
  }
  const page = await batches.list(who.userId, { limit: 2 });
  const rest = await batches.list(who.userId, { limit: 2, cursor: page.nextCursor ?? undefined });
  expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(made);
  expect(rest.nextCursor).toBeNull();
  await expect(batches.get((await member(1)).userId, made[0] ?? '')).rejects.toMatchObject({ code: 'BATCH_NOT_FOUND' });
  await expect(batches.zip(who.userId, made[0] ?? '')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
});

test('the books are in order after all of this', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
});
