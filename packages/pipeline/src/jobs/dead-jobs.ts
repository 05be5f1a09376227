import { lockUser } from '@yunshang/billing';
import { AppError, type DeadJob } from '@yunshang/contracts';
import { fromJson, inTransaction, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { z } from 'zod';
import { failLockedTask } from '../running/outcome.store.ts';
import { lockTask } from '../tasks/task.store.ts';
import {
  deleteDeadJob,
  findJob,
  isOrderOpen,
  isRefundOpen,
  listDead,
  ownerOfTask,
  reviveJob,
  type DeadJobRow,
} from './dead-job.store.ts';

/** Jobs that kept failing, for operators. JOB_NOT_FOUND for one that is not there, STATE_CONFLICT for one that is not dead. */
export type DeadJobs = {
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(page: { cursor?: number | undefined; limit: number }): Promise<{ items: DeadJob[]; nextCursor: number | null }>;
  /** Delivers it again from now on, with all its tries ahead of it. */
  replay(actor: Actor, jobId: number): Promise<void>;
  /**
   * Gives it up: its task fails and is refunded. STATE_CONFLICT (`order_open`, `refund_open`) for the check of an order that may yet
   * be paid, and for a refund that has not ended: giving it up could lose money.
   */
  discard(actor: Actor, input: { jobId: number; reason: string }): Promise<void>;
};

const payloadSchema = z.looseObject({
  taskId: z.string().optional(),
  orderId: z.string().optional(),
  refundId: z.string().optional(),
  batchId: z.string().optional(),
  assetId: z.string().optional(),
  campaignId: z.string().optional(),
});

/** What the job is about; nothing else of a payload is shown. */
function subjectsOf(row: Pick<DeadJobRow, 'payload'>): z.infer<typeof payloadSchema> {
  return payloadSchema.safeParse(fromJson(row.payload)).data ?? {};
}

export function createDeadJobs(deps: {
  db: Db;
  clock: Clock;
  signals: Pick<Signals, 'nudge' | 'taskMoved'>;
}): DeadJobs {
  const { db, clock, signals } = deps;

  async function dead(jobId: number): Promise<DeadJobRow> {
    const row = await findJob(db, jobId);
    if (row === undefined) throw new AppError('JOB_NOT_FOUND');
    if (row.dead_at === null) throw notDead();
    return row;
  }

  return {
    list: async (page) => {
      const rows = await listDead(db, { ...page, limit: page.limit + 1 });
      const shown = rows.slice(0, page.limit);
      return { items: shown.map(toDeadJob), nextCursor: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
    },
    replay: async (actor, jobId) => {
      const { job } = await dead(jobId);
      const now = clock.now();
      await inTransaction(db, async (tx) => {
        if (!(await reviveJob(tx, jobId, now))) throw notDead();
        await audit(tx, actor, { action: 'job.replay', jobId, details: { job }, now });
      });
      signals.nudge();
    },
    discard: async (actor, { jobId, reason }) => {
      const row = await dead(jobId);
      const { taskId, orderId, refundId } = subjectsOf(row);
      const now = clock.now();
      const userId = taskId === undefined ? undefined : await ownerOfTask(db, taskId);
      await inTransaction(db, async (tx) => {
        // Member, then task, then job: as everywhere.
        const failed = await giveUpTask(tx, { taskId, userId, now });
        if (orderId !== undefined && (await isOrderOpen(tx, orderId)))
          throw new AppError('STATE_CONFLICT', { reason: 'order_open' });
        if (refundId !== undefined && (await isRefundOpen(tx, refundId)))
          throw new AppError('STATE_CONFLICT', { reason: 'refund_open' });
        if (!(await deleteDeadJob(tx, jobId))) throw notDead();
        const details = { job: row.job, reason, taskId, orderId, refundId, failed, lastError: row.last_error };
        await audit(tx, actor, { action: 'job.discard', jobId, details, now });
      });
      if (taskId !== undefined) signals.taskMoved(taskId);
    },
  };
}

/** The member did nothing wrong: whatever the pipeline says of failures, this one gives the quota back. */
async function giveUpTask(
  tx: Tx,
  { taskId, userId, now }: { taskId: string | undefined; userId: string | undefined; now: Date },
): Promise<boolean> {
  if (taskId === undefined || userId === undefined) return false;
  await lockUser(tx, userId);
  const task = await lockTask(tx, taskId);
  if (task === undefined) return false;
  return failLockedTask(tx, task, { code: 'INTERNAL', onFailure: 'refund_quota', now });
}

function toDeadJob(row: DeadJobRow): DeadJob {
  const { taskId, orderId, refundId, batchId, assetId, campaignId } = subjectsOf(row);
  return {
    id: row.id,
    job: row.job,
    subjectId: taskId ?? orderId ?? refundId ?? batchId ?? assetId ?? campaignId ?? null,
    attempts: row.attempts,
    failures: row.failures,
    lastError: row.last_error,
    createdAt: row.created_at.toISOString(),
    deadAt: (row.dead_at ?? row.created_at).toISOString(),
  };
}

function notDead(): AppError {
  return new AppError('STATE_CONFLICT', { reason: 'not_dead' });
}

function audit(
  tx: Tx,
  actor: Actor,
  entry: { action: string; jobId: number; details: Record<string, unknown>; now: Date },
): Promise<void> {
  const { jobId, ...rest } = entry;
  return recordAudit(tx, actor, { ...rest, subjectType: 'job', subjectId: String(jobId) });
}
