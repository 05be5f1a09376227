import { countEndedTask } from '@yunshang/billing';
import type { Tx } from '@yunshang/db';
import type { TaskRow } from './task.store.ts';

/**
 * Counts a task that has ended against its budgets and gives back what it held of them: the last statement of the transaction that
 * ends it, since every task of the feature meets there. Nothing was spent or held by one that nobody began and that reserved nothing.
 */
export async function countTask(tx: Tx, task: TaskRow): Promise<void> {
  if (task.started_at === null && task.reserved_micro_yuan === null) return;
  await countEndedTask(tx, {
    taskId: task.id,
    featureId: task.feature_id,
    createdAt: task.created_at,
    reservedMicroYuan: task.reserved_micro_yuan,
    reservedIn: task.reserved_in,
  });
}
