import { JOBS, type JobName, type JobPayload } from '@yunshang/contracts';
import { sql } from 'kysely';
import type { Db, Tx } from './database.ts';
import { fromJson, toJson } from './json.ts';
import { sqlValue } from './lanes.ts';

export type OutboxRow = { id: number; attempts: number; job: string; payload: unknown };

/**
 * Promises a job in the transaction that makes it necessary. A second promise with the same `dedupKey` is ignored while the
 * first is not done. `dueAt` is the earliest time of delivery.
 */
export async function promiseJob<N extends JobName>(
  tx: Tx,
  promise: { job: N; payload: JobPayload<N>; dedupKey: string; now: Date; dueAt?: Date },
): Promise<void> {
  await tx
    .insertInto('outbox')
    .ignore()
    .values({
      job: promise.job,
      payload: toJson(JOBS[promise.job].parse(promise.payload)),
      dedup_key: promise.dedupKey,
      due_at: promise.dueAt ?? promise.now,
      created_at: promise.now,
    })
    .execute();
}

/**
 * Takes up to `limit` due jobs for delivery and pushes each one's next delivery `visibilityMs` into the future: a job that is
 * not reported done by then is delivered again. Several relays share the work (SKIP LOCKED). With `jobs` only these kinds.
 */
export async function takeDueJobs(
  tx: Tx,
  now: Date,
  options: { limit: number; visibilityMs: number; jobs?: readonly JobName[] },
): Promise<OutboxRow[]> {
  const { jobs } = options;
  const rows = await tx
    .selectFrom('outbox')
    .select(['id', 'attempts', 'job', 'payload'])
    .where('due_at', '<=', now)
    .$if(jobs !== undefined, (query) => query.where('job', 'in', jobs ?? []))
    .orderBy('due_at')
    .limit(options.limit)
    .forUpdate()
    .skipLocked()
    .execute();
  if (rows.length === 0) return [];
  await tx
    .updateTable('outbox')
    .set({ attempts: sql`attempts + 1`, due_at: new Date(now.getTime() + options.visibilityMs) })
    .where(
      'id',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  return rows.map((row) => ({ id: row.id, attempts: row.attempts + 1, job: row.job, payload: fromJson(row.payload) }));
}

/** The job's work is committed: it is not delivered again. */
export async function finishJob(db: Db, outboxId: number): Promise<void> {
  await db.deleteFrom('outbox').where('id', '=', outboxId).execute();
}

/** Delivers the job again at `dueAt` and not before. False when it is finished already. */
export async function postponeJob(db: Db, outboxId: number, dueAt: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ due_at: dueAt })
    .where('id', '=', outboxId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** promiseJob for a list, as one statement for a Send; the keys must be new. */
export function promiseJobsSql<N extends JobName>(
  promises: readonly { job: N; payload: JobPayload<N>; dedupKey: string }[],
  now: Date,
): string {
  const at = sqlValue(now);
  const rows = promises.map(
    ({ job, payload, dedupKey }) =>
      `(${sqlValue(job)}, ${sqlValue(toJson(payload))}, ${sqlValue(dedupKey)}, ${at}, ${at})`,
  );
  return `INSERT INTO outbox (job, payload, dedup_key, due_at, created_at) VALUES ${rows.join(', ')}`;
}
