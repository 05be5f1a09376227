import { JOBS, type JobName, type JobPayload } from '@yunshang/contracts';
import { fromJson, postponeJob, type Db } from '@yunshang/db';
import type { JobMeta } from '@yunshang/queue';
import { isDeepStrictEqual } from 'node:util';

/**
 * True when the promise of this delivery is still open; its next delivery is then `dueAt`. The row must hold the very same job:
 * after a database was restored from a backup, Redis may remember numbers that belong to other promises now.
 */
export async function claimJob<N extends JobName>(
  db: Db,
  { job, payload, meta }: { job: N; payload: JobPayload<N>; meta: JobMeta },
  dueAt: Date,
): Promise<boolean> {
  const row = await db
    .selectFrom('outbox')
    .select(['job', 'payload'])
    .where('id', '=', meta.outboxId)
    .executeTakeFirst();
  if (row?.job !== job) return false;
  const promised = JOBS[job].safeParse(fromJson(row.payload));
  if (!isDeepStrictEqual(promised.data, payload)) return false;
  return postponeJob(db, meta.outboxId, dueAt);
}
