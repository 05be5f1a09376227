import type { Db } from '@yunshang/db';

/** Whether somebody may act on differences. */
export async function canBeAssigned(db: Db, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where('id', '=', userId)
    .where('role', 'in', ['finance', 'operator', 'admin'])
    .executeTakeFirst();
  return row !== undefined;
}
