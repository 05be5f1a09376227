import type { Db } from '@yunshang/db';

/** Seconds the oldest due job has waited to be taken; 0 when none is due. */
export async function outboxLagSeconds(db: Db, now: Date): Promise<number> {
  const oldest = await db
    .selectFrom('outbox')
    .select('due_at')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return oldest === undefined ? 0 : (now.getTime() - oldest.due_at.getTime()) / 1000;
}
