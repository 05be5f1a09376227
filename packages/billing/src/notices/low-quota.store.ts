import type { Db } from '@yunshang/db';

/** `agreedToSms`: the member wants to be texted too. */
export type LowMember = { userId: string; available: number; agreedToSms: boolean };

/** Ids of users, in their order. */
export async function listMemberPage(db: Db, { after, limit }: { after: string; limit: number }): Promise<string[]> {
  const rows = await db.selectFrom('users').select('id').where('id', '>', after).orderBy('id').limit(limit).execute();
  return rows.map(({ id }) => id);
}

/** Those of them with a plan in force and less quota than that. */
export async function listLowMembers(
  db: Db,
  userIds: readonly string[],
  { below, now }: { below: number; now: Date },
): Promise<LowMember[]> {
  const rows = await db
    .selectFrom('users as u')
    .select(['u.id', 'u.quota_remaining', 'u.low_quota_sms_at'])
    .where('u.id', 'in', userIds)
    .where('u.deleted_at', 'is', null)
    .where('u.quota_remaining', '<', below)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('membership_periods as p')
          .select('p.id')
          .whereRef('p.user_id', '=', 'u.id')
          .where('p.ends_at', '>', now)
          .where('p.starts_at', '<=', now),
      ),
    )
    .execute();
  return rows.map((row) => ({
    userId: row.id,
    available: row.quota_remaining,
    agreedToSms: row.low_quota_sms_at !== null,
  }));
}
