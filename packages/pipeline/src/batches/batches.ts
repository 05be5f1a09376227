import {
  AppError,
  type Batch,
  type BatchEvent,
  type BatchWithTasks,
  type BatchZip,
  type Task,
} from '@yunshang/contracts';
import { fromJson, type Clock, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { z } from 'zod';
import { createdTaskView } from '../admission/created-task.ts';
import { findHandledRequest } from '../admission/created-task.store.ts';
import { batchHash, type TaskIntake } from '../admission/task-intake.ts';
import type { Storage } from '../storage/storage.ts';
import { toTask } from '../tasks/task-view.ts';
import { listOutputs } from '../tasks/task.store.ts';
import { asCreated, toBatch } from './batch-view.ts';
import {
  countMoves,
  findOwnBatch,
  listBatchTasks,
  listOwnBatches,
  listParts,
  listPending,
  listRetriable,
  type BatchRow,
} from './batch.store.ts';
import { cancelIfPending } from './cancel-pending.ts';
import { offerZip } from './zip.ts';

export type CreateBatch = {
  userId: string;
  featureId: string;
  /** Answers to the form, one task each; 1 to 50. */
  inputs: readonly Task['input'][];
  idempotencyKey: string;
};

/** A member's own batches; somebody else's are BATCH_NOT_FOUND. */
export type Batches = {
  /** Charges for every task and creates them, or none. Throws what TaskIntake.createMany does. */
  create(input: CreateBatch): Promise<BatchWithTasks>;
  get(userId: string, batchId: string): Promise<BatchWithTasks>;
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(
    userId: string,
    input: { cursor?: string | undefined; limit: number },
  ): Promise<{ items: Batch[]; nextCursor: string | null }>;
  /** Ends the tasks nobody has begun, each refunded once; the others go on. Again: what is still to be ended. */
  cancel(userId: string, batchId: string): Promise<BatchWithTasks>;
  /**
   * A new batch of the tasks that failed and were not retried yet, paid anew at today's price. STATE_CONFLICT when there are
   * none. The same key gives the first answer again.
   */
  retryFailed(input: { userId: string; batchId: string; idempotencyKey: string }): Promise<BatchWithTasks>;
  /** One file of all the results there are, once it is made. STATE_CONFLICT when there are none. */
  zip(userId: string, batchId: string): Promise<BatchZip>;
  /** How far the whole is, if something happened since the event of that id. */
  eventAfter(
    userId: string,
    batchId: string,
    lastEventId: string | null,
  ): Promise<{ id: string; event: BatchEvent } | undefined>;
};

export type BatchesDeps = {
  db: Db;
  clock: Clock;
  storage: Storage;
  intake: Pick<TaskIntake, 'createMany'>;
  signals: Pick<Signals, 'taskMoved' | 'nudge'>;
};

const inputSchema = z.record(z.string(), z.json());

export function createBatches(deps: BatchesDeps): Batches {
  const { db, clock, signals, intake } = deps;

  async function own(userId: string, batchId: string): Promise<BatchRow> {
    const row = await findOwnBatch(db, userId, batchId);
    if (row === undefined) throw new AppError('BATCH_NOT_FOUND');
    return row;
  }

  async function retryFailed(input: Parameters<Batches['retryFailed']>[0]): Promise<BatchWithTasks> {
    const { userId, batchId, idempotencyKey } = input;
    const { feature_id: featureId } = await own(userId, batchId);
    const again = await handledRetry(db, input);
    if (again !== undefined) return createdBatch(db, userId, again);
    const failed = await listRetriable(db, batchId);
    if (failed.length === 0) throw new AppError('STATE_CONFLICT', { reason: 'nothing_to_retry' });
    const made = await intake.createMany({
      userId,
      featureId,
      idempotencyKey,
      inputs: failed.map((task) => inputSchema.parse(fromJson(task.input))),
      retry: { batchId, taskIds: failed.map(({ id }) => id) },
    });
    return createdBatch(db, userId, made.batchId);
  }

  return {
    create: async (input) => createdBatch(db, input.userId, (await intake.createMany(input)).batchId),
    get: async (userId, batchId) => withTasks(db, await own(userId, batchId)),
    list: async (userId, input) => {
      const rows = await listOwnBatches(db, userId, { ...input, limit: input.limit + 1 });
      const page = rows.slice(0, input.limit);
      const parts = Map.groupBy(
        await listParts(
          db,
          page.map(({ id }) => id),
        ),
        (part) => part.batch_id,
      );
      const items = page.map((row) => toBatch(row, parts.get(row.id) ?? []));
      return { items, nextCursor: rows.length > input.limit ? (page.at(-1)?.id ?? null) : null };
    },
    cancel: async (userId, batchId) => {
      const row = await own(userId, batchId);
      for (const taskId of await listPending(db, batchId))
        if (await cancelIfPending(db, { userId, taskId, now: clock.now() })) signals.taskMoved(taskId);
      return withTasks(db, row);
    },
    retryFailed,
    zip: async (userId, batchId) => offerZip(deps, { userId, batch: await own(userId, batchId) }),
    eventAfter: async (userId, batchId, lastEventId) => {
      const row = await own(userId, batchId);
      const moves = await countMoves(db, batchId);
      if (moves <= Number(lastEventId ?? 0)) return undefined;
      const { counts, percent, isDone } = toBatch(row, await listParts(db, [batchId]));
      return { id: String(moves), event: { batchId, counts, percent, isDone } };
    },
  };
}

/** The batch that the same retry made before. */
async function handledRetry(
  db: Db,
  asked: { userId: string; batchId: string; idempotencyKey: string },
): Promise<string | undefined> {
  const { userId, idempotencyKey, batchId } = asked;
  const earlier = await findHandledRequest(db, { userId, idempotencyKey, scope: 'batches.create' });
  if (earlier === undefined) return undefined;
  const hash = batchHash({ featureId: '', inputs: [], retry: { batchId, taskIds: [] } });
  if (!earlier.requestHash.equals(hash)) throw new AppError('IDEMPOTENCY_KEY_REUSED');
  return earlier.resourceId;
}

async function withTasks(db: Db, row: BatchRow): Promise<BatchWithTasks> {
  const [tasks, parts] = await Promise.all([listBatchTasks(db, row.id), listParts(db, [row.id])]);
  const finished = tasks.filter(({ status }) => status === 'succeeded').map(({ id }) => id);
  const outputs = Map.groupBy(await listOutputs(db, finished), (output) => output.task_id);
  return { ...toBatch(row, parts), tasks: tasks.map((task) => toTask(task, outputs.get(task.id) ?? [])) };
}

/** What creating the batch answers; the same again for the same key. */
async function createdBatch(db: Db, userId: string, batchId: string): Promise<BatchWithTasks> {
  const row = await findOwnBatch(db, userId, batchId);
  if (row === undefined) throw new AppError('BATCH_NOT_FOUND');
  const tasks = await listBatchTasks(db, batchId);
  const views = tasks.map((task) =>
    createdTaskView({
      id: task.id,
      featureId: task.feature_id,
      quotaCost: task.quota_cost,
      input: inputSchema.parse(fromJson(task.input)),
      createdAt: task.created_at,
    }),
  );
  return { ...asCreated(row, tasks[0]?.quota_cost ?? 0), tasks: views };
}
