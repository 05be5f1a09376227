import { TASK_STATUSES, type ErrorCode, type TaskStatus } from '@yunshang/contracts';
import type { Db, TasksTable, Tx } from '@yunshang/db';
import { sql, type Selectable } from 'kysely';
import { z } from 'zod';
import { CANCELLING, STAGES, type Stage } from './stage.ts';
import { sourcesOf } from './task.ts';

export type TaskRow = Selectable<TasksTable>;
export type OwnTaskRow = TaskRow & { charge_amount: number; charge_status: 'held' | 'settled' | 'refunded' };
export type OutputRow = {
  id: string;
  task_id: string | null;
  content_type: string;
  width: number | null;
  height: number | null;
};
export type EventRow = {
  id: number;
  task_id: string;
  status: TaskStatus;
  percent: number;
  stage: string;
  created_at: Date;
};

const statusSchema = z.enum(TASK_STATUSES);

const ownTasks = (db: Db, userId: string, index: string) =>
  db
    .selectFrom(sql<TaskRow>`tasks`.as<'t'>(sql`t FORCE INDEX (${sql.id(index)})`))
    .innerJoin('quota_charges as c', 'c.id', 't.charge_id')
    .selectAll('t')
    .select(['c.amount as charge_amount', 'c.status as charge_status'])
    .where('t.user_id', '=', userId);

/** Undefined also for a task of somebody else. */
export function findOwnTask(db: Db, userId: string, taskId: string): Promise<OwnTaskRow | undefined> {
  return ownTasks(db, userId, 'PRIMARY').where('t.id', '=', taskId).executeTakeFirst();
}

/** The newest first. */
export function listOwnTasks(
  db: Db,
  userId: string,
  page: Filter & { cursor?: string | undefined; limit: number },
): Promise<OwnTaskRow[]> {
  let query = ownTasks(db, userId, indexFor(page)).orderBy('t.id', 'desc').limit(page.limit);
  if (page.cursor !== undefined) query = query.where('t.id', '<', page.cursor);
  if (page.status !== undefined) query = query.where('t.status', '=', page.status);
  if (page.featureId !== undefined) query = query.where('t.feature_id', '=', page.featureId);
  return query.execute();
}

type Filter = { status?: TaskStatus | undefined; featureId?: string | undefined };

/**
 * The index in the order of the page. MySQL does not find it: of indexes that begin alike it takes a unique one and sorts, or it
 * walks through everybody's tasks of the feature.
 */
function indexFor({ status, featureId }: Filter): string {
  if (featureId !== undefined) return 'ix_tasks_user_feature';
  return status === undefined ? 'ix_tasks_user' : 'ix_tasks_user_status';
}

/** The results of these tasks that are still there. */
export async function listOutputs(db: Db, taskIds: readonly string[]): Promise<OutputRow[]> {
  if (taskIds.length === 0) return [];
  return db
    .selectFrom('assets')
    .select(['id', 'task_id', 'content_type', 'width', 'height'])
    .where('task_id', 'in', taskIds)
    .where('status', '=', 'ready')
    .orderBy('id')
    .execute();
}

/** Most events one answer carries; a task has about five. */
const MAX_EVENTS = 500;

/** In the order they happened. */
export async function listEventsAfter(db: Db, taskId: string, afterId: string): Promise<EventRow[]> {
  const rows = await db
    .selectFrom('task_events')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('id', '>', sql<number>`${afterId}`)
    .orderBy('id')
    .limit(MAX_EVENTS)
    .execute();
  return rows.map((row) => ({ ...row, status: statusSchema.parse(row.status) }));
}

/** Locks the task's row until the transaction ends. Who also needs the member's row locks that one first. */
export function lockTask(tx: Tx, taskId: string): Promise<TaskRow | undefined> {
  return tx.selectFrom('tasks').selectAll().where('id', '=', taskId).forUpdate().executeTakeFirst();
}

export type TaskMove = { taskId: string; now: Date } & (
  | { to: 'processing'; lease: { owner: string; until: Date } }
  | { to: 'succeeded' | 'cancelled' }
  | { to: 'failed'; failureCode: ErrorCode }
);

const STAGE_OF = {
  processing: 'processing',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<TaskMove['to'], Stage>;

/** Moves the task and appends the event, or does neither: false when somebody else moved it first. */
export async function moveTask(tx: Tx, move: TaskMove): Promise<boolean> {
  const stage = STAGE_OF[move.to];
  const { percent } = STAGES[stage];
  const result = await tx
    .updateTable('tasks')
    .set({
      status: move.to,
      percent,
      stage,
      ...(move.to === 'processing'
        ? { started_at: move.now, lease_owner: move.lease.owner, lease_until: move.lease.until }
        : { finished_at: move.now, lease_owner: null, lease_until: null }),
      ...(move.to === 'failed' ? { failure_code: move.failureCode } : {}),
    })
    .where('id', '=', move.taskId)
    .where('status', 'in', sourcesOf(move.to))
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  await appendEvent(tx, { taskId: move.taskId, status: move.to, percent, stage, now: move.now });
  return true;
}

/** Takes a running task away from its worker, whose writes are refused from now on; the next run ends it. */
export async function askToCancel(tx: Tx, taskId: string, now: Date): Promise<void> {
  const { percent } = STAGES[CANCELLING];
  await tx
    .updateTable('tasks')
    .set({ stage: CANCELLING, percent, lease_owner: null, lease_until: null })
    .where('id', '=', taskId)
    .where('status', '=', 'processing')
    .execute();
  await appendEvent(tx, { taskId, status: 'processing', percent, stage: CANCELLING, now });
}

/** The charge of a failed or cancelled task went back. */
export async function markRefunded(tx: Tx, taskId: string): Promise<void> {
  await tx
    .updateTable('tasks')
    .set({ refunded: 1 })
    .where('id', '=', taskId)
    .where('refunded', '=', 0)
    .where('eligible_for_refund', '=', 1)
    .execute();
}

/** Always after an UPDATE of the task's row in the same transaction: its lock keeps a task's events in order. */
export async function appendEvent(
  tx: Tx,
  event: { taskId: string; status: TaskStatus; percent: number; stage: Stage; now: Date },
): Promise<void> {
  await tx
    .insertInto('task_events')
    .values({
      task_id: event.taskId,
      status: event.status,
      percent: event.percent,
      stage: event.stage,
      created_at: event.now,
    })
    .execute();
}
