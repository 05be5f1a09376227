import { countTask } from '../tasks/count-task.ts';
import { refundTask } from '../tasks/refund-task.ts';
import { lockUser } from '@yunshang/billing';
import { inTransaction, type Db } from '@yunshang/db';
import { lockTask, moveTask } from '../tasks/task.store.ts';

/** Ends a task that nobody has begun and gives its charge back. False when somebody has, or it has ended. */
export function cancelIfPending(db: Db, cancel: { userId: string; taskId: string; now: Date }): Promise<boolean> {
  const { userId, taskId, now } = cancel;
  return inTransaction(db, async (tx) => {
    await lockUser(tx, userId);
    const task = await lockTask(tx, taskId);
    if (task?.user_id !== userId || task.status !== 'pending') return false;
    if (!(await moveTask(tx, { taskId, to: 'cancelled', now }))) return false;
    await refundTask(tx, task, { cause: 'task_cancelled', now });
    await countTask(tx, task);
    return true;
  });
}
