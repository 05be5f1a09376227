import type { Db } from '@yunshang/db';

/** Few enough that nobody who inserts waits for it. */
const BATCH = 500;

/** Forgets the requests answered before that time; gives their number. */
export async function deleteOldIdempotencyKeys(db: Db, before: Date): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { numDeletedRows } = await db
      .deleteFrom('idempotency_keys')
      .where('created_at', '<', before)
      .orderBy('created_at')
      .limit(BATCH)
      .executeTakeFirst();
    deleted += Number(numDeletedRows);
    if (numDeletedRows < BATCH) return deleted;
  }
}
