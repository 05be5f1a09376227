import { newId, systemClock, type Actor } from '@yunshang/db';
import { buryJob, inTransaction } from '@yunshang/db';
import { makeMember, type MadeMember } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReservations } from '../admission/reservations.ts';
import { createTaskIntake, type TaskIntake } from '../admission/task-intake.ts';
import { createFeatureCatalog } from '../features/feature.store.ts';
import { createDeadJobs, type DeadJobs } from './dead-jobs.ts';

let database: TestDatabase;
let intake: TaskIntake;
let jobs: DeadJobs;
const signals = { nudge: () => undefined, taskMoved: () => undefined };
const operator: Actor = { id: null, role: 'operator', requestId: 'test' };

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const catalog = createFeatureCatalog(db, systemClock);
  const reservations = createReservations({ db, clock: systemClock });
  intake = createTaskIntake({ database, catalog, signals, reservations, canServe: async () => true });
  jobs = createDeadJobs({ db, clock: systemClock, signals });
});

afterAll(async () => {
  await intake.close();
  await database.close();
});

/** A task whose job has died. */
async function deadTask(): Promise<{ who: MadeMember; taskId: string; jobId: number }> {
  const who = await makeMember(database.db, { quota: 10 });
  const input = { photo: who.assetId };
  const task = await intake.create({ userId: who.userId, featureId: 'basic_clean', input, idempotencyKey: newId() });
  const query = database.db.selectFrom('outbox').select('id').where('dedup_key', '=', `task:${task.id}`);
  const { id: jobId } = await query.executeTakeFirstOrThrow();
  const dead = { outboxId: jobId, failures: 12, error: 'TypeError in work', now: new Date() };
  await inTransaction(database.db, (tx) => buryJob(tx, dead));
  return { who, taskId: task.id, jobId };
}

/** A refund of one fen of what the member has paid. */
async function openRefund({ userId, orderId }: MadeMember, now: Date): Promise<string> {
  const { db } = database;
  const payments = db.selectFrom('payment_transactions').select('id').where('order_id', '=', orderId);
  const { id: paymentId } = await payments.executeTakeFirstOrThrow();
  const id = newId();
  const ids = { id, out_refund_no: id, order_id: orderId, payment_id: paymentId, user_id: userId };
  const times = { created_at: now, updated_at: now };
  await db
    .insertInto('order_refunds')
    .values({ ...ids, ...times, cause: 'finance', reason: 'test', amount_fen: 1, status: 'intended' })
    .execute();
  return id;
}

const taskOf = (id: string) =>
  database.db
    .selectFrom('tasks')
    .select(['status', 'refunded', 'failure_code'])
    .where('id', '=', id)
    .executeTakeFirst();
const jobOf = (id: number) => database.db.selectFrom('outbox').selectAll().where('id', '=', id).executeTakeFirst();
const auditOf = (jobId: number) =>
  database.db
    .selectFrom('audit_logs')
    .select(['action', 'actor_role', 'details'])
    .where('subject_id', '=', String(jobId))
    .execute();

test('an operator sees what died, why and what it is about, the newest first', async () => {
  const [first, second] = [await deadTask(), await deadTask()];
  const page = await jobs.list({ limit: 1 });
  expect(page.items).toMatchObject([
    { id: second.jobId, job: 'task.run', subjectId: second.taskId, failures: 12, lastError: 'TypeError in work' },
  ]);
  const rest = await jobs.list({ limit: 1, cursor: page.nextCursor ?? undefined });
  expect(rest).toMatchObject({ items: [{ id: first.jobId }], nextCursor: null });
});

test('a replayed job is due at once, with all its tries ahead of it', async () => {
  const { jobId } = await deadTask();
  await jobs.replay(operator, jobId);
  expect(await jobOf(jobId)).toMatchObject({ dead_at: null, failures: 0 });
  expect((await jobOf(jobId))?.due_at.getTime()).toBeLessThanOrEqual(Date.now());
  expect(await auditOf(jobId)).toEqual([
    { action: 'job.replay', actor_role: 'operator', details: { job: 'task.run' } },
  ]);
  await expect(jobs.replay(operator, jobId)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  await expect(jobs.replay(operator, 999_999_999)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

test('discarding a task’s job fails the task and gives its quota back, once, also when two operators do it', async () => {
  const { who, taskId, jobId } = await deadTask();
  const ended = await Promise.allSettled([1, 2].map(() => jobs.discard(operator, { jobId, reason: 'broken input' })));
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await taskOf(taskId)).toEqual({ status: 'failed', refunded: 1, failure_code: 'INTERNAL' });
  const user = database.db.selectFrom('users').select('quota_remaining').where('id', '=', who.userId);
  expect((await user.executeTakeFirst())?.quota_remaining).toBe(10);
  expect(await jobOf(jobId)).toBeUndefined();
  expect(await auditOf(jobId)).toMatchObject([
    { action: 'job.discard', details: { reason: 'broken input', failed: true } },
  ]);
});

test('the check of an order that may yet be paid is not given up', async () => {
  const who = await makeMember(database.db, { quota: 1 });
  const { db } = database;
  const now = new Date();
  await db.updateTable('orders').set({ status: 'pending', paid_at: null }).where('id', '=', who.orderId).execute();
  const payload = JSON.stringify({ orderId: who.orderId, check: 3 });
  const { insertId } = await db
    .insertInto('outbox')
    .values({ job: 'order.reconcile', payload, dedup_key: `check:${who.orderId}`, due_at: now, created_at: now })
    .executeTakeFirstOrThrow();
  const jobId = Number(insertId);
  await inTransaction(db, (tx) => buryJob(tx, { outboxId: jobId, failures: 12, error: 'INTERNAL', now }));
  await expect(jobs.discard(operator, { jobId, reason: 'tired' })).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
    details: { reason: 'order_open' },
  });
  await db.updateTable('orders').set({ status: 'paid', paid_at: now }).where('id', '=', who.orderId).execute();
  await jobs.discard(operator, { jobId, reason: 'it is paid' });
  expect(await jobOf(jobId)).toBeUndefined();
});

test('what carries a refund is not given up before the refund has ended', async () => {
  const who = await makeMember(database.db, { quota: 1 });
  const { db } = database;
  const now = new Date();
  const refundId = await openRefund(who, now);
  const payload = JSON.stringify({ refundId });
  const { insertId } = await db
    .insertInto('outbox')
    .values({ job: 'refund.send', payload, dedup_key: `refund:${refundId}`, due_at: now, created_at: now })
    .executeTakeFirstOrThrow();
  const jobId = Number(insertId);
  await inTransaction(db, (tx) => buryJob(tx, { outboxId: jobId, failures: 12, error: 'INTERNAL', now }));
  expect((await jobs.list({ limit: 10 })).items).toContainEqual(expect.objectContaining({ subjectId: refundId }));
  await expect(jobs.discard(operator, { jobId, reason: 'tired' })).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
    details: { reason: 'refund_open' },
  });
  await db.updateTable('order_refunds').set({ status: 'closed', ended_at: now }).where('id', '=', refundId).execute();
  await jobs.discard(operator, { jobId, reason: 'it has ended' });
  expect(await jobOf(jobId)).toBeUndefined();
});

test('a dead job of an open task is the doctor’s only finding, and only a warning', async () => {
  const findings = await runDoctor(database.db, { now: new Date() });
  expect(new Set(findings.map(({ rule, severity }) => `${severity} ${rule}`))).toEqual(
    new Set(['warning job_is_alive']),
  );
});
