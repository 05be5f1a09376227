import type { Db } from '@yunshang/db';
import { sql } from 'kysely';

/** Whether what happens once a calendar day has happened on that one. */
export async function hasRun(db: Db, name: string, day: string): Promise<boolean> {
  const row = await db
    .selectFrom('calendar_runs')
    .select('done_at')
    .where('name', '=', name)
    .where('day', '=', sql<Date>`${day}`)
    .executeTakeFirst();
  return row !== undefined;
}

/** It has happened whole. */
export async function markRun(db: Db, name: string, { day, now }: { day: string; now: Date }): Promise<void> {
  await sql`INSERT IGNORE INTO calendar_runs (name, day, done_at) VALUES (${name}, ${day}, ${now})`.execute(db);
}
