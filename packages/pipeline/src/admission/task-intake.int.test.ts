import { type AppError, isAppError, type Task } from '@yunshang/contracts';
import { inTransaction, newId, toJson } from '@yunshang/db';
import { makeMember, type MadeMember, type MemberOptions } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFeatureCatalog } from '../features/feature.store.ts';
import { createReservations } from './reservations.ts';
import { createTaskIntake, type TaskIntake } from './task-intake.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let intake: TaskIntake;
let canServe = true;
let nudges = 0;

function open(): TaskIntake {
  return createTaskIntake({
    database,
    catalog: createFeatureCatalog(database.db, { now: () => new Date() }),
    signals: { nudge: () => void (nudges += 1) },
    canServe: async () => canServe,
    reservations: createReservations({ db: database.db, clock: { now: () => new Date() } }),
  });
}

beforeAll(async () => {
  database = await testDatabase();
});
beforeEach(() => {
  canServe = true;
  intake = open();
  return () => intake.close();
});
afterAll(() => database.close());

const member = (options: MemberOptions = {}): Promise<MadeMember> => makeMember(database.db, options);

type Wish = { featureId?: string; input?: Task['input']; key?: string; from?: TaskIntake };
function create(who: MadeMember, wish: Wish = {}): Promise<Task> {
  return (wish.from ?? intake).create({
    userId: who.userId,
    featureId: wish.featureId ?? 'basic_clean',
    input: wish.input ?? { photo: who.assetId },
    idempotencyKey: wish.key ?? newId(),
  });
}

/** What became of each: how many were created, and the codes of the rest. */
async function tally(calls: readonly Promise<Task>[]): Promise<{ created: number; refused: Record<string, number> }> {
  const results = await Promise.allSettled(calls);
  const refused: Record<string, number> = {};
  for (const result of results)
    if (result.status === 'rejected') {
      const code = isAppError(result.reason) ? result.reason.code : String(result.reason);
      refused[code] = (refused[code] ?? 0) + 1;
    }
  return { created: results.filter((result) => result.status === 'fulfilled').length, refused };
}

async function balance(who: MadeMember): Promise<number> {
  const row = await database.db
    .selectFrom('users')
    .select('quota_remaining')
    .where('id', '=', who.userId)
    .executeTakeFirstOrThrow();
  return row.quota_remaining;
}

const tasksOf = (who: MadeMember) =>
  database.db.selectFrom('tasks').selectAll().where('user_id', '=', who.userId).execute();

async function limit(policy: { maxPerHour: number; maxPerDay: number; cooldownSeconds: number }): Promise<void> {
  await database.db
    .updateTable('feature_definitions')
    .set({ rate_limit_policy: toJson(policy) })
    .where('feature_id', '=', 'basic_clean')
    .execute();
  intake = open();
}
const WIDE = { maxPerHour: 10_000, maxPerDay: 10_000, cooldownSeconds: 0 };

test('a task is charged, written with its job and event, and nudged', async () => {
  const who = await member();
  const before = nudges;
  const task = await create(who);
  expect(task).toMatchObject({
    status: 'pending',
    percent: 0,
    charge: { cost: 1, charged: 1, refunded: false },
    input: { photo: who.assetId },
  });
  expect(await balance(who)).toBe(99);
  expect(nudges).toBe(before + 1);
  const [row] = await tasksOf(who);
  expect(row).toMatchObject({
    id: task.id,
    eligible_for_refund: 1,
    refunded: 0,
    quota_cost: 1,
    feature_seq: 1,
    form_version: 1,
    pipeline_version: 1,
  });
  expect(
    await database.db
      .selectFrom('outbox')
      .select(['job', 'payload'])
      .where('dedup_key', '=', `task:${task.id}`)
      .execute(),
  ).toEqual([{ job: 'task.run', payload: { taskId: task.id } }]);
  expect(
    await database.db.selectFrom('task_events').select(['status', 'percent']).where('task_id', '=', task.id).execute(),
  ).toEqual([{ status: 'pending', percent: 0 }]);
  const ledger = await database.db
    .selectFrom('quota_logs')
    .selectAll()
    .where('user_id', '=', who.userId)
    .where('seq', '=', 2)
    .executeTakeFirst();
  expect(ledger).toMatchObject({
    kind: 'charge',
    amount: -1,
    balance_before: 100,
    balance_after: 99,
    task_id: task.id,
    cause: 'task_created',
  });
});

test('100 at once by one member are all accepted', async () => {
  await limit(WIDE);
  const who = await member();
  expect(await tally(Array.from({ length: 100 }, () => create(who)))).toEqual({ created: 100, refused: {} });
  expect(await balance(who)).toBe(0);
});

test('150 at once against a quota of 100, through two processes: exactly 100, and 50 are told so', async () => {
  await limit(WIDE);
  const who = await member();
  const second = open();
  const calls = Array.from({ length: 150 }, (_, index) => create(who, { from: index % 2 === 0 ? intake : second }));
  expect(await tally(calls)).toEqual({ created: 100, refused: { QUOTA_INSUFFICIENT: 50 } });
  expect(await balance(who)).toBe(0);
  await second.close();
});

test('60 at once against 10 an hour: exactly 10', async () => {
  await limit({ ...WIDE, maxPerHour: 10 });
  const who = await member();
  expect(await tally(Array.from({ length: 60 }, () => create(who)))).toEqual({
    created: 10,
    refused: { FEATURE_RATE_LIMITED: 50 },
  });
  // Four of them leave the hour: four more fit.
  await database.db
    .updateTable('tasks')
    .set({ created_at: new Date(Date.now() - 3_601_000) })
    .where('user_id', '=', who.userId)
    .where('feature_seq', '<=', 4)
    .execute();
  expect(await tally(Array.from({ length: 9 }, () => create(who)))).toEqual({
    created: 4,
    refused: { FEATURE_RATE_LIMITED: 5 },
  });
  expect(await balance(who)).toBe(86);
});

test('a cooldown lets one of twenty through', async () => {
  await limit({ ...WIDE, cooldownSeconds: 60 });
  const who = await member();
  expect(await tally(Array.from({ length: 20 }, () => create(who)))).toEqual({
    created: 1,
    refused: { FEATURE_COOLDOWN: 19 },
  });
});

test('many members at once do not disturb each other', async () => {
  await limit(WIDE);
  const members = await Promise.all(Array.from({ length: 12 }, () => member({ quota: 5 })));
  const calls = members.flatMap((who) => Array.from({ length: 8 }, () => create(who)));
  expect(await tally(calls)).toEqual({ created: 60, refused: { QUOTA_INSUFFICIENT: 36 } });
  expect(await Promise.all(members.map(balance))).toEqual(members.map(() => 0));
});

test('the same key twenty times at once is one task and one charge, and twenty equal answers', async () => {
  const who = await member();
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(who, { key: 'the-same-key' })));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await balance(who)).toBe(99);
  await database.db
    .updateTable('feature_definitions')
    .set({ is_enabled: 0 })
    .where('feature_id', '=', 'basic_clean')
    .execute();
  const later = open();
  expect(await create(who, { key: 'the-same-key', from: later })).toEqual(answers[0]);
  await later.close();
  await database.db
    .updateTable('feature_definitions')
    .set({ is_enabled: 1 })
    .where('feature_id', '=', 'basic_clean')
    .execute();
});

test('the same key with another request is refused', async () => {
  const [who, other] = [await member(), await member()];
  const photo = newId();
  await database.db
    .insertInto('assets')
    .values({
      id: photo,
      user_id: who.userId,
      kind: 'upload',
      status: 'ready',
      object_key: photo,
      content_type: 'image/png',
      bytes: 9,
      width: 600,
      height: 600,
      sha256: Buffer.alloc(32),
      created_at: new Date(),
    })
    .execute();
  await create(who, { key: 'key' });
  await expect(create(who, { key: 'key', input: { photo } })).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  await expect(create(other, { key: 'key' })).resolves.toMatchObject({ status: 'pending' });
});

test('a membership that has ended pays for nothing, whatever quota is left', async () => {
  const day = 86_400_000;
  const lapsed = await member({ startsAt: new Date(Date.now() - 31 * day), endsAt: new Date(Date.now() - day) });
  await expect(create(lapsed)).rejects.toMatchObject({ code: 'MEMBERSHIP_REQUIRED' });
  const future = await member({ startsAt: new Date(Date.now() + day), endsAt: new Date(Date.now() + 31 * day) });
  await expect(create(future)).rejects.toMatchObject({ code: 'MEMBERSHIP_REQUIRED' });
  expect(await tasksOf(lapsed)).toEqual([]);
  await database.db
    .updateTable('quota_grants')
    .set({ remaining: 100, expires_at: new Date(Date.now() + day) })
    .where('user_id', '=', lapsed.userId)
    .execute();
});

test('somebody else’s picture, a missing one and one not yet checked are refused with the field named', async () => {
  const [who, other] = [await member(), await member()];
  const codes = await Promise.all(
    [other.assetId, newId(), 'not-an-id'].map((photo) =>
      create(who, { input: { photo } }).catch((error: AppError) => [error.code, error.details.issues?.[0]?.field]),
    ),
  );
  expect(codes).toEqual([
    ['FORM_INVALID', 'input.photo'],
    ['FORM_INVALID', 'input.photo'],
    ['FORM_INVALID', 'input.photo'],
  ]);
  await expect(create(who, { input: { photo: who.assetId, quotaCost: -5000 } })).rejects.toMatchObject({
    code: 'FORM_INVALID',
  });
  expect(await balance(who)).toBe(100);
});

test('an unknown feature and a service that is down are refused before quota is touched', async () => {
  const who = await member();
  await expect(create(who, { featureId: 'no_such_feature' })).rejects.toMatchObject({ code: 'FEATURE_NOT_FOUND' });
  canServe = false;
  await expect(create(who)).rejects.toMatchObject({ code: 'PROVIDERS_DOWN' });
  expect(await balance(who)).toBe(100);
});

test('a member whose row is held elsewhere waits alone; the others do not', async () => {
  const [held, ...others] = [await member(), await member(), await member()];
  const lock = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = inTransaction(database.db, async (tx) => {
    await tx.selectFrom('users').select('id').where('id', '=', held.userId).forUpdate().execute();
    lock.resolve();
    await release.promise;
  });
  await lock.promise;
  let heldDone = false;
  const slow = create(held).finally(() => void (heldDone = true));
  await Promise.all(others.map((who) => create(who)));
  expect(heldDone).toBe(false);
  release.resolve();
  await holder;
  await expect(slow).resolves.toMatchObject({ status: 'pending' });
});

test('one request that the database refuses fails alone', async () => {
  const [who, gone] = [await member(), await member()];
  await database.db.updateTable('users').set({ deleted_at: new Date() }).where('id', '=', gone.userId).execute();
  const [first, second] = await Promise.allSettled([create(who), create(gone)]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'UNAUTHENTICATED' } });
});

test('the books are in order after all of this', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
});
