import type { TaskStatus } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import type { OwnTaskRow } from '../tasks/task.store.ts';

export type BatchRow = {
  id: string;
  feature_id: string;
  size: number;
  zip_key: string | null;
  created_at: Date;
};

/** The batch's tasks of one status and one state of their charges. */
export type BatchPart = {
  batch_id: string;
  status: TaskStatus;
  charge_status: 'held' | 'settled' | 'refunded';
  tasks: number;
  percents: number;
  amount: number;
  last_finished_at: Date | null;
};

const columns = ['id', 'feature_id', 'size', 'zip_key', 'created_at'] as const;

/** Undefined also for a batch of somebody else. */
export function findOwnBatch(db: Db, userId: string, batchId: string): Promise<BatchRow | undefined> {
  return db
    .selectFrom('task_batches')
    .select(columns)
    .where('id', '=', batchId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
}

/** The newest first. */
export function listOwnBatches(
  db: Db,
  userId: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<BatchRow[]> {
  let query = db
    .selectFrom('task_batches')
    .select(columns)
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(page.limit);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  return query.execute();
}

/** How far these batches are, and what they cost. */
export async function listParts(db: Db, batchIds: readonly string[]): Promise<BatchPart[]> {
  if (batchIds.length === 0) return [];
  const { rows } = await sql<BatchPart>`
    SELECT t.batch_id, t.status, c.status AS charge_status, COUNT(*) AS tasks, CAST(SUM(t.percent) AS SIGNED) AS percents,
      CAST(SUM(c.amount) AS SIGNED) AS amount, MAX(t.finished_at) AS last_finished_at
    FROM tasks t JOIN quota_charges c ON c.id = t.charge_id
    WHERE t.batch_id IN (${sql.join(batchIds)}) GROUP BY t.batch_id, t.status, c.status`.execute(db);
  return rows;
}

/** In the order of the inputs. */
export function listBatchTasks(db: Db, batchId: string): Promise<OwnTaskRow[]> {
  return db
    .selectFrom('tasks as t')
    .innerJoin('quota_charges as c', 'c.id', 't.charge_id')
    .selectAll('t')
    .select(['c.amount as charge_amount', 'c.status as charge_status'])
    .where('t.batch_id', '=', batchId)
    .orderBy('t.feature_seq')
    .execute();
}

/** The tasks that nobody has begun, the last first: workers begin at the front. */
export async function listPending(db: Db, batchId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('batch_id', '=', batchId)
    .where('status', '=', 'pending')
    .orderBy('feature_seq', 'desc')
    .execute();
  return rows.map(({ id }) => id);
}

/** The tasks that failed and were not done again, in the order of the inputs. */
export function listRetriable(db: Db, batchId: string): Promise<{ id: string; input: unknown }[]> {
  return db
    .selectFrom('tasks as t')
    .leftJoin('tasks as again', 'again.retry_of', 't.id')
    .select(['t.id', 't.input'])
    .where('t.batch_id', '=', batchId)
    .where('t.status', '=', 'failed')
    .where('again.id', 'is', null)
    .orderBy('t.feature_seq')
    .execute();
}

/** Moves of all the batch's tasks. It only grows, whatever the order in which transactions end. */
export async function countMoves(db: Db, batchId: string): Promise<number> {
  const row = await db
    .selectFrom('task_events as e')
    .innerJoin('tasks as t', 't.id', 'e.task_id')
    .select((eb) => eb.fn.countAll<number>().as('moves'))
    .where('t.batch_id', '=', batchId)
    .executeTakeFirstOrThrow();
  return row.moves;
}
