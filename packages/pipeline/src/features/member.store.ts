import type { Db } from '@yunshang/db';
import type { Member } from './feature-access.ts';

/** The person and the level of the membership period that contains `now`; the highest where two overlap. */
export async function findMember(db: Db, userId: string, now: Date): Promise<Member | undefined> {
  const row = await db
    .selectFrom('users as u')
    .leftJoin('membership_periods as m', (on) =>
      on.onRef('m.user_id', '=', 'u.id').on('m.starts_at', '<=', now).on('m.ends_at', '>', now),
    )
    .select(['u.id', 'u.account_id', 'm.level'])
    .where('u.id', '=', userId)
    .where('u.deleted_at', 'is', null)
    .orderBy('m.level', 'desc')
    .executeTakeFirst();
  return row === undefined ? undefined : { userId: row.id, accountId: row.account_id, planLevel: row.level };
}
