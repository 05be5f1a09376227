import type { Db } from '@yunshang/db';

/**
 * Makes the task's next run due now, whatever it was waiting for; also within a transaction. Nothing happens to a task that
 * has ended. Whoever calls it nudges the queue after the commit.
 */
export async function hurryJob(db: Db, taskId: string, now: Date): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ due_at: now })
    .where('dedup_key', '=', `task:${taskId}`)
    .where('due_at', '>', now)
    .where('dead_at', 'is', null)
    .execute();
}
