import { JOBS, type JobName, type JobPayload } from '@yunshang/contracts';
import { sql } from 'kysely';
import { raiseAlert } from './alerts.ts';
import type { Db, Tx } from './database.ts';
import { fromJson, toJson } from './json.ts';
import { sqlValue } from './lanes.ts';

export type OutboxRow = { id: number; attempts: number; job: string; payload: unknown };

/** For whom a job is done and how much their plan weighs; members take turns, see listTurns. */
export type JobOwner = { userId: string; priority: number };

/** When a dead job is due: never. */
export const NEVER = new Date('9999-12-31T00:00:00.000Z');

/**
 * Promises a job in the transaction that makes it necessary. A second promise with the same `dedupKey` is ignored while the
 * first is not done. `dueAt` is the earliest time of delivery.
 */
export async function promiseJob<N extends JobName>(
  tx: Tx,
  promise: { job: N; payload: JobPayload<N>; dedupKey: string; now: Date; dueAt?: Date; owner?: JobOwner },
): Promise<void> {
  await tx
    .insertInto('outbox')
    .ignore()
    .values({
      job: promise.job,
      payload: toJson(JOBS[promise.job].parse(promise.payload)),
      dedup_key: promise.dedupKey,
      user_id: promise.owner?.userId ?? null,
      priority: promise.owner?.priority ?? 0,
      due_at: promise.dueAt ?? promise.now,
      created_at: promise.now,
    })
    .execute();
}

/** promiseJob for a list, in one statement. */
export async function promiseJobs<N extends JobName>(
  tx: Tx,
  promises: readonly { payload: JobPayload<N>; dedupKey: string }[],
  { job, now }: { job: N; now: Date },
): Promise<void> {
  if (promises.length === 0) return;
  const rows = promises.map(({ payload, dedupKey }) => ({
    job,
    payload: toJson(JOBS[job].parse(payload)),
    dedup_key: dedupKey,
    due_at: now,
    created_at: now,
  }));
  await tx.insertInto('outbox').ignore().values(rows).execute();
}

/**
 * Takes these jobs for delivery, as far as they are due, and pushes each one's next delivery `visibilityMs` into the future: a job
 * that is not reported done by then is delivered again. One that another relay has just taken is left out.
 */
export async function takeJobs(
  tx: Tx,
  now: Date,
  { ids, visibilityMs }: { ids: readonly number[]; visibilityMs: number },
): Promise<OutboxRow[]> {
  const rows = await tx
    .selectFrom('outbox')
    .select(['id', 'attempts', 'job', 'payload'])
    .where('id', 'in', ids)
    .where('due_at', '<=', now)
    .forUpdate()
    .skipLocked()
    .execute();
  if (rows.length === 0) return [];
  await tx
    .updateTable('outbox')
    .set({ attempts: sql`attempts + 1`, due_at: new Date(now.getTime() + visibilityMs), in_flight: 1 })
    .where(
      'id',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  return rows
    .toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id))
    .map((row) => ({ id: row.id, attempts: row.attempts + 1, job: row.job, payload: fromJson(row.payload) }));
}

/** The job's work is committed: it is not delivered again. */
export async function finishJob(db: Db, outboxId: number): Promise<void> {
  await db.deleteFrom('outbox').where('id', '=', outboxId).execute();
}

/** The job was taken up and is worked on: it is not delivered again before `until`. False when it is finished or dead. */
export async function holdJob(db: Db, outboxId: number, until: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ due_at: until, in_flight: 1 })
    .where('id', '=', outboxId)
    .where('dead_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Nothing is wrong, but the job wants to be delivered again at `dueAt` and not before. False when it is finished already. */
export async function postponeJob(db: Db, outboxId: number, dueAt: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ due_at: dueAt, in_flight: 0, failures: 0, last_error: null })
    .where('id', '=', outboxId)
    .where('dead_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A delivery failed, `failures` times in a row by now: again at `dueAt`. `error` names it and quotes nobody's data. */
export async function failJob(
  db: Db,
  failed: { outboxId: number; failures: number; error: string; dueAt: Date },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ due_at: failed.dueAt, in_flight: 0, failures: failed.failures, last_error: failed.error.slice(0, 300) })
    .where('id', '=', failed.outboxId)
    .where('dead_at', 'is', null)
    .execute();
}

/** The job is not delivered any more until an operator says so, and an alert tells. */
export async function buryJob(
  tx: Tx,
  dead: { outboxId: number; failures: number; error: string; now: Date },
): Promise<void> {
  const { outboxId, failures, now } = dead;
  const error = dead.error.slice(0, 300);
  const { numUpdatedRows } = await tx
    .updateTable('outbox')
    .set({ due_at: NEVER, dead_at: now, in_flight: 0, failures, last_error: error })
    .where('id', '=', outboxId)
    .where('dead_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  const details = { outboxId, failures, error };
  await raiseAlert(tx, { kind: 'job.dead', subject: String(outboxId), period: String(now.getTime()), details }, now);
}

/** Gives back what was taken and could not be handed over: due at `dueAt`, as if nobody had taken it. */
export async function returnJobs(db: Db, outboxIds: readonly number[], dueAt: Date): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ due_at: dueAt, in_flight: 0 })
    .where('id', 'in', outboxIds)
    .where('dead_at', 'is', null)
    .execute();
}

/** promiseJob for a list, as one statement for a Send; the keys must be new. */
export function promiseJobsSql<N extends JobName>(
  promises: readonly { job: N; payload: JobPayload<N>; dedupKey: string; owner: JobOwner }[],
  now: Date,
): string {
  const at = sqlValue(now);
  const rows = promises.map(
    ({ job, payload, dedupKey, owner }) =>
      `(${sqlValue(job)}, ${sqlValue(toJson(payload))}, ${sqlValue(dedupKey)}, ${sqlValue(owner.userId)}, ${sqlValue(owner.priority)}, ${at}, ${at})`,
  );
  return `INSERT INTO outbox (job, payload, dedup_key, user_id, priority, due_at, created_at) VALUES ${rows.join(', ')}`;
}
