import { settleCharge } from '@yunshang/billing';
import { inTransaction, isCheckViolation, newId, systemClock, toJson } from '@yunshang/db';
import { makeMember, type MadeMember } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFeatureCatalog } from '../features/feature.store.ts';
import { refundTask } from '../tasks/refund-task.ts';
import { createReservations } from './reservations.ts';
import { createTaskIntake, type TaskIntake } from './task-intake.ts';

let database: TestDatabase;
let intake: TaskIntake;
let asker: MadeMember;
let decider: MadeMember;

beforeAll(async () => {
  database = await testDatabase();
  [asker, decider] = [await makeMember(database.db), await makeMember(database.db)];
});
afterAll(async () => {
  await intake.close();
  await database.close();
});

/** The row of a request, as a second person left it. */
async function request(change: Partial<{ kind: string; subject_id: string; status: 'approved' | 'pending' }> = {}) {
  const { kind = 'free_feature', subject_id = 'basic_clean', status = 'approved' } = change;
  const [id, now] = [newId(), new Date()];
  const decided = status === 'approved' ? { decided_by: decider.userId, decided_at: now } : {};
  await database.db
    .insertInto('approvals')
    .values({
      id,
      kind,
      subject_type: 'feature',
      subject_id,
      payload: toJson({}),
      reason: '体验活动',
      requested_by: asker.userId,
      status,
      ...decided,
      created_at: now,
      expires_at: now,
    })
    .execute();
  return id;
}

const setCost = (quotaCost: number, approvalId: string | null) =>
  database.db
    .updateTable('feature_definitions')
    .set({ quota_cost: quotaCost, free_approval_id: approvalId })
    .where('feature_id', '=', 'basic_clean')
    .execute();

test('the database refuses a free feature without its own approval by two people', async () => {
  await expect(setCost(0, null)).rejects.toThrow('a free feature needs the approval of two people');
  for (const change of [{ status: 'pending' as const }, { subject_id: 'promo_poster' }, { kind: 'compensation' }])
    await expect(setCost(0, await request(change))).rejects.toThrow('a free feature needs the approval of two people');
  await expect(setCost(-1, null)).rejects.toSatisfy((error) => isCheckViolation(error, 'ck_feature_definitions_cost'));
  const approved = await request();
  await expect(setCost(1, approved)).rejects.toSatisfy((e) => isCheckViolation(e, 'ck_feature_definitions_cost'));
  await setCost(0, approved);
  intake = createTaskIntake({
    database,
    catalog: createFeatureCatalog(database.db, systemClock),
    signals: { nudge: () => undefined },
    reservations: createReservations({ db: database.db, clock: systemClock }),
    canServe: async () => true,
  });
});

const create = (who: MadeMember) =>
  intake.create({
    userId: who.userId,
    featureId: 'basic_clean',
    input: { photo: who.assetId },
    idempotencyKey: newId(),
  });

const ledgerOf = (who: MadeMember) =>
  database.db
    .selectFrom('quota_logs')
    .select(['kind', 'amount', 'balance_after'])
    .where('user_id', '=', who.userId)
    .orderBy('seq')
    .execute();

async function rowsOf(taskId: string) {
  const task = await database.db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirstOrThrow();
  return { id: task.id, user_id: task.user_id, charge_id: task.charge_id };
}

/** Ends the task's row with its charge, as whoever works on it would. */
const end = (taskId: string, status: 'succeeded' | 'failed') =>
  inTransaction(database.db, async (tx) => {
    const task = await rowsOf(taskId);
    const now = new Date();
    await tx.selectFrom('users').select('id').where('id', '=', task.user_id).forUpdate().execute();
    await tx
      .updateTable('tasks')
      .set({ status, finished_at: now, failure_code: status === 'failed' ? 'PROVIDER_FAILED' : null })
      .where('id', '=', taskId)
      .execute();
    await tx
      .insertInto('task_events')
      .values({
        task_id: taskId,
        status,
        percent: 100,
        stage: status === 'succeeded' ? 'done' : 'failed',
        created_at: now,
      })
      .execute();
    if (status === 'succeeded') await settleCharge(tx, { chargeId: task.charge_id, now });
    else await refundTask(tx, task, { cause: 'task_failed', now });
  });

test('a member with nothing left uses it; the charge of 0 is in the ledger and is settled once', async () => {
  const who = await makeMember(database.db, { quota: 0 });
  const task = await create(who);
  expect(task.charge).toMatchObject({ cost: 0, charged: 0, en: 'Free of charge' });
  expect(await ledgerOf(who)).toEqual([{ kind: 'charge', amount: 0, balance_after: 0 }]);
  await end(task.id, 'succeeded');
  await expect(end(task.id, 'succeeded')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  expect(await ledgerOf(who)).toHaveLength(1);
});

test('a free task that fails is refunded once, whoever else tries at the same moment', async () => {
  const who = await makeMember(database.db, { quota: 5 });
  const task = await create(who);
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => end(task.id, 'failed')));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await ledgerOf(who)).toEqual([
    { kind: 'grant', amount: 5, balance_after: 5 },
    { kind: 'charge', amount: 0, balance_after: 5 },
    { kind: 'refund', amount: 0, balance_after: 5 },
  ]);
});

test('free or not, it takes a membership, and the limits hold', async () => {
  const lapsed = await makeMember(database.db, {
    endsAt: new Date(Date.now() - 1_000),
    startsAt: new Date(Date.now() - 30 * 86_400_000 - 1_000),
  });
  await expect(create(lapsed)).rejects.toMatchObject({ code: 'MEMBERSHIP_REQUIRED' });
  const eager = await makeMember(database.db, { quota: 0 });
  const calls = await Promise.allSettled(Array.from({ length: 60 }, () => create(eager)));
  expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
});

test('the books are in order', async () => {
  const findings = await runDoctor(database.db, { now: new Date() });
  // Members made without quota did not get what their order bought.
  expect(findings.filter(({ rule }) => rule !== 'payment_grants_once')).toEqual([]);
});
