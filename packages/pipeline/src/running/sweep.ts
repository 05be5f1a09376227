import { inTransaction, promiseJob, type Clock, type Database, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import type { FeatureCatalog } from '../features/feature.store.ts';
import { failTask } from './outcome.store.ts';

/** `failed`: overdue tasks ended now. `promised`: open tasks whose job was missing. */
export type SweepReport = { failed: number; promised: number };

type SweepDeps = { database: Database; clock: Clock; signals: Pick<Signals, 'taskMoved' | 'nudge'> };

const PAGE = 500;
/** A worker that finishes at the deadline's edge may still do so. */
const GRACE_MS = 1_000;

/** Any number may run at once, beside workers on the same tasks: each end has one winner. */
export async function sweepTasks(deps: SweepDeps, catalog: FeatureCatalog): Promise<SweepReport> {
  const failed = await failOverdue(deps, catalog);
  const promised = await promiseMissingJobs(deps);
  return { failed, promised };
}

async function failOverdue(deps: SweepDeps, catalog: FeatureCatalog): Promise<number> {
  const { db } = deps.database;
  const now = deps.clock.now();
  const overdue = await db
    .selectFrom('tasks')
    .select(['id', 'user_id', 'feature_id', 'form_version', 'pipeline_version'])
    .where('open_deadline', '<=', new Date(now.getTime() - GRACE_MS))
    .orderBy('open_deadline')
    .limit(PAGE)
    .execute();
  let failed = 0;
  for (const task of overdue) {
    const version = await catalog.version(task.feature_id, task.form_version, task.pipeline_version);
    const ended = await failTask(db, {
      taskId: task.id,
      userId: task.user_id,
      code: 'TASK_TIMED_OUT',
      onFailure: version?.pipeline.onFailure ?? 'refund_quota',
      now: deps.clock.now(),
    });
    if (!ended) continue;
    failed += 1;
    deps.signals.taskMoved(task.id);
  }
  return failed;
}

/** The same key as at creation: a job that is still there is not promised twice. */
const jobKey = (taskId: string): string => `task:${taskId}`;

async function promiseMissingJobs(deps: SweepDeps): Promise<number> {
  const { db } = deps.database;
  let promised = 0;
  let after: OpenTask | undefined;
  for (;;) {
    const open = await listOpen(db, after);
    const missing = await withoutJob(db, open);
    if (missing.length > 0) {
      const now = deps.clock.now();
      await inTransaction(db, async (tx) => {
        for (const { id, user_id: userId } of missing) {
          const owner = { userId, priority: 0 };
          await promiseJob(tx, { job: 'task.run', payload: { taskId: id }, dedupKey: jobKey(id), now, owner });
        }
      });
      promised += missing.length;
      deps.signals.nudge();
    }
    after = open.at(-1);
    if (open.length < PAGE) return promised;
  }
}

type OpenTask = { id: string; user_id: string; open_deadline: Date | null };

/** Open tasks in the order of their deadlines, a page at a time. */
function listOpen(db: Db, after: OpenTask | undefined): Promise<OpenTask[]> {
  let query = db
    .selectFrom('tasks')
    .select(['id', 'user_id', 'open_deadline'])
    .where('open_deadline', 'is not', null)
    .orderBy('open_deadline')
    .orderBy('id')
    .limit(PAGE);
  const { id, open_deadline: deadline } = after ?? {};
  if (id !== undefined && deadline !== undefined && deadline !== null)
    query = query.where((eb) =>
      eb.or([eb('open_deadline', '>', deadline), eb.and([eb('open_deadline', '=', deadline), eb('id', '>', id)])]),
    );
  return query.execute();
}

async function withoutJob(db: Db, open: readonly OpenTask[]): Promise<OpenTask[]> {
  if (open.length === 0) return [];
  const keys = open.map(({ id }) => jobKey(id));
  const jobs = await db.selectFrom('outbox').select('dedup_key').where('dedup_key', 'in', keys).execute();
  const promised = new Set(jobs.map((job) => job.dedup_key));
  return open.filter(({ id }) => !promised.has(jobKey(id)));
}
