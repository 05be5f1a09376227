import { countTask } from './count-task.ts';
import { refundTask } from './refund-task.ts';
import { lockUser } from '@yunshang/billing';
import { AppError, type Task, type TaskEvent, type TaskStatus } from '@yunshang/contracts';
import { inTransaction, type Clock, type Db } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { hurryJob } from '../running/hurry-job.store.ts';
import { CANCELLING } from './stage.ts';
import { isTerminal } from './task.ts';
import { toEvent, toTask } from './task-view.ts';
import {
  askToCancel,
  findOwnTask,
  listEventsAfter,
  listOutputs,
  listOwnTasks,
  lockTask,
  moveTask,
} from './task.store.ts';

export type ListTasks = {
  status?: TaskStatus | undefined;
  featureId?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** A member's own tasks; somebody else's are TASK_NOT_FOUND. */
export type Tasks = {
  get(userId: string, taskId: string): Promise<Task>;
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(userId: string, input: ListTasks): Promise<{ items: Task[]; nextCursor: string | null }>;
  /**
   * Ends a task nobody has begun and gives its charge back. One that runs is stopped soon after: no further step begins, the vendor
   * is asked to stop, and the charge goes back unless some of its work is billed. STATE_CONFLICT once it has ended.
   */
  cancel(userId: string, taskId: string): Promise<Task>;
  /** What happened after that event; everything when `lastEventId` is null. */
  eventsAfter(userId: string, taskId: string, lastEventId: string | null): Promise<{ id: string; event: TaskEvent }[]>;
};

export function createTasks(deps: { db: Db; clock: Clock; signals: Pick<Signals, 'taskMoved' | 'nudge'> }): Tasks {
  const { db, clock, signals } = deps;
  const get = async (userId: string, taskId: string): Promise<Task> => {
    const row = await findOwnTask(db, userId, taskId);
    if (row === undefined) throw new AppError('TASK_NOT_FOUND');
    return toTask(row, row.status === 'succeeded' ? await listOutputs(db, [taskId]) : []);
  };
  return {
    get,
    list: async (userId, input) => {
      const rows = await listOwnTasks(db, userId, { ...input, limit: input.limit + 1 });
      const page = rows.slice(0, input.limit);
      const finished = page.filter((row) => row.status === 'succeeded').map((row) => row.id);
      const outputs = Map.groupBy(await listOutputs(db, finished), (output) => output.task_id);
      const items = page.map((row) => toTask(row, outputs.get(row.id) ?? []));
      return { items, nextCursor: rows.length > input.limit ? (page.at(-1)?.id ?? null) : null };
    },
    cancel: async (userId, taskId) => {
      await cancelTask(db, { userId, taskId, now: clock.now() });
      signals.taskMoved(taskId);
      signals.nudge();
      return get(userId, taskId);
    },
    eventsAfter: async (userId, taskId, lastEventId) => {
      if ((await findOwnTask(db, userId, taskId)) === undefined) throw new AppError('TASK_NOT_FOUND');
      const rows = await listEventsAfter(db, taskId, lastEventId ?? '0');
      return rows.map((row) => ({ id: String(row.id), event: toEvent(row) }));
    },
  };
}

/** Cancelling twice is one cancellation. */
function cancelTask(db: Db, cancel: { userId: string; taskId: string; now: Date }): Promise<void> {
  const { userId, taskId, now } = cancel;
  return inTransaction(db, async (tx) => {
    await lockUser(tx, userId);
    const task = await lockTask(tx, taskId);
    if (task?.user_id !== userId) throw new AppError('TASK_NOT_FOUND');
    if (task.status === 'cancelled' || task.stage === CANCELLING) return;
    if (isTerminal(task.status)) throw new AppError('STATE_CONFLICT', { reason: task.status });
    if (task.status === 'processing') {
      await askToCancel(tx, taskId, now);
      await hurryJob(tx, taskId, now);
      return;
    }
    await moveTask(tx, { taskId, to: 'cancelled', now });
    await refundTask(tx, task, { cause: 'task_cancelled', now });
    await countTask(tx, task);
  });
}
