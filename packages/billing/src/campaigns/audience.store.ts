import type { Db, Tx } from '@yunshang/db';
import type { StoredCampaign } from './campaign.ts';

/** User ids of accounts named by user id or account id, in the order given; undefined where there is no such account. */
export async function resolveAccounts(db: Db, named: readonly string[]): Promise<(string | undefined)[]> {
  const rows = await db
    .selectFrom('users')
    .select(['id', 'account_id'])
    .where((eb) => eb.or([eb('id', 'in', named), eb('account_id', 'in', named)]))
    .where('deleted_at', 'is', null)
    .execute();
  const ids = new Map(rows.flatMap((row) => [[row.id, row.id] as const, [row.account_id, row.id] as const]));
  return named.map((name) => ids.get(name));
}

/** The next accounts of an audience after the cursor, in the order of their ids. Members come and go: ask again under the lock. */
export async function listAudience(
  db: Db,
  campaign: Pick<StoredCampaign, 'id' | 'audience'>,
  page: { after: string; limit: number; now: Date },
): Promise<string[]> {
  const { after, limit, now } = page;
  if (campaign.audience.kind === 'accounts') {
    const rows = await db
      .selectFrom('campaign_accounts')
      .select('user_id')
      .where('campaign_id', '=', campaign.id)
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(limit)
      .execute();
    return rows.map((row) => row.user_id);
  }
  const rows = await db
    .selectFrom('membership_periods')
    .select('user_id')
    .distinct()
    .where('user_id', '>', after)
    .where('ends_at', '>', now)
    .where('starts_at', '<=', now)
    .orderBy('user_id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.user_id);
}

/** Goes on from there next time; never back, when two run at once. `isDone`: there is nobody left. */
export async function saveProgress(
  tx: Tx,
  progress: { campaignId: string; cursor: string; isDone: boolean; now: Date },
): Promise<void> {
  await tx
    .updateTable('campaigns')
    .set({ push_cursor: progress.cursor, ...(progress.isDone ? { pushed_at: progress.now } : {}) })
    .where('id', '=', progress.campaignId)
    .where('push_cursor', '<=', progress.cursor)
    .where('pushed_at', 'is', null)
    .execute();
}
