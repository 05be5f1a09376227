import { JOBS, type JobName, type JobPayload } from '@yunshang/contracts';
import { fromJson, holdJob, type Db } from '@yunshang/db';
import type { JobMeta } from '@yunshang/queue';
import { isDeepStrictEqual } from 'node:util';

/**
 * How often the job of this delivery has failed in a row; its next delivery is then `dueAt`. Undefined when its promise is no
 * longer open. The row must hold the very same job:
 * after a database was restored from a backup, Redis may remember numbers that belong to other promises now.
 */
export async function claimJob<N extends JobName>(
  db: Db,
  { job, payload, meta }: { job: N; payload: JobPayload<N>; meta: JobMeta },
  dueAt: Date,
): Promise<{ failures: number } | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select(['job', 'payload', 'failures'])
    .where('id', '=', meta.outboxId)
    .executeTakeFirst();
  if (row?.job !== job) return undefined;
  const promised = JOBS[job].safeParse(fromJson(row.payload));
  if (!isDeepStrictEqual(promised.data, payload)) return undefined;
  return (await holdJob(db, meta.outboxId, dueAt)) ? { failures: row.failures } : undefined;
}

/** How often a job has failed in a row; undefined when it is finished or dead. */
export async function failuresOf(db: Db, outboxId: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select('failures')
    .where('id', '=', outboxId)
    .where('dead_at', 'is', null)
    .executeTakeFirst();
  return row?.failures;
}
