import { refundCharge } from '@yunshang/billing';
import type { Tx } from '@yunshang/db';
import { markRefunded } from './task.store.ts';

/**
 * Gives a failed or cancelled task's charge back and says so on the task, in the transaction that ends it. The caller holds the
 * member's row, then the task's. A charge that has ended while its task was open undoes the whole transaction.
 */
export async function refundTask(
  tx: Tx,
  task: { id: string; user_id: string; charge_id: string },
  refund: { cause: 'task_failed' | 'task_cancelled'; now: Date },
): Promise<void> {
  const { refunded } = await refundCharge(tx, { userId: task.user_id, chargeId: task.charge_id, ...refund });
  if (refunded === undefined) throw new Error(`the charge of task ${task.id} has ended before the task`);
  await markRefunded(tx, task.id);
}
