import type { Campaign, CampaignBody } from '@yunshang/contracts';
import type { CampaignsTable, Db, Tx } from '@yunshang/db';
import { type Selectable, sql } from 'kysely';
import { stateOf, type StoredCampaign } from './campaign.ts';

export type NewCampaign = {
  id: string;
  body: CampaignBody;
  /** Whom it is for, where it is for accounts. */
  userIds: readonly string[];
  createdBy: string;
  approvalId: string | null;
  now: Date;
};

export async function insertCampaign(tx: Tx, campaign: NewCampaign): Promise<void> {
  const { id, body, userIds, now } = campaign;
  await tx
    .insertInto('campaigns')
    .values({
      id,
      title: body.title,
      audience: body.audience.kind,
      min_level: body.audience.kind === 'level' ? body.audience.minLevel : null,
      delivery: body.delivery,
      quota: body.quota,
      grant_days: body.grantDays,
      total_cap: body.totalCap,
      starts_at: new Date(body.startsAt),
      ends_at: new Date(body.endsAt),
      status: 'open',
      created_by: campaign.createdBy,
      approval_id: campaign.approvalId,
      created_at: now,
    })
    .execute();
  if (userIds.length > 0)
    await tx
      .insertInto('campaign_accounts')
      .values(userIds.map((userId) => ({ campaign_id: id, user_id: userId })))
      .execute();
}

export async function findCampaign(db: Db, id: string): Promise<StoredCampaign | undefined> {
  const row = await db.selectFrom('campaigns').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** The newest first. */
export async function listCampaigns(
  db: Db,
  page: { cursor?: string | undefined; limit: number },
): Promise<{ items: StoredCampaign[]; nextCursor: string | null }> {
  let query = db.selectFrom('campaigns').selectAll().orderBy('id', 'desc');
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toStored);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/** More are never open at once than a page can show. */
const MOST_OFFERS = 100;

/** What can be claimed in this instant by whoever it is for, the first to end first. */
export async function listOpenCampaigns(db: Db, now: Date): Promise<StoredCampaign[]> {
  const rows = await db
    .selectFrom('campaigns')
    .selectAll()
    .where('status', '=', 'open')
    .where('ends_at', '>', now)
    .where('starts_at', '<=', now)
    .where('delivery', '=', 'claim')
    .orderBy('ends_at')
    .limit(MOST_OFFERS)
    .execute();
  return rows.map(toStored);
}

/** Of these campaigns: those whose list names the member, and those the member has claimed. */
export async function standingOf(
  db: Db,
  userId: string,
  campaignIds: readonly string[],
): Promise<{ listed: Set<string>; claimed: Set<string> }> {
  if (campaignIds.length === 0) return { listed: new Set(), claimed: new Set() };
  const listed = db
    .selectFrom('campaign_accounts')
    .select(['campaign_id', sql<'listed' | 'claimed'>`'listed'`.as('what')])
    .where('user_id', '=', userId)
    .where('campaign_id', 'in', campaignIds);
  const claimed = db
    .selectFrom('campaign_claims')
    .select(['campaign_id', sql<'listed' | 'claimed'>`'claimed'`.as('what')])
    .where('user_id', '=', userId)
    .where('campaign_id', 'in', campaignIds);
  const rows = await listed.unionAll(claimed).execute();
  const of = (what: 'listed' | 'claimed') =>
    new Set(rows.filter((row) => row.what === what).map((row) => row.campaign_id));
  return { listed: of('listed'), claimed: of('claimed') };
}

/** Counts one account towards the cap; false outside the window, when it is stopped or full. Locks the campaign until the end. */
export async function countClaim(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('campaigns')
    .set({ claimed: sql`claimed + 1` })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .where('starts_at', '<=', now)
    .where('ends_at', '>', now)
    .whereRef('claimed', '<', 'total_cap')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function insertClaim(
  tx: Tx,
  claim: { campaignId: string; userId: string; grantId: string; now: Date },
): Promise<void> {
  await tx
    .insertInto('campaign_claims')
    .values({
      campaign_id: claim.campaignId,
      user_id: claim.userId,
      grant_id: claim.grantId,
      created_at: claim.now,
    })
    .execute();
}

/** False when it is stopped already. */
export async function stopCampaign(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('campaigns')
    .set({ status: 'stopped', stopped_at: now })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function toStored(row: Selectable<CampaignsTable>): StoredCampaign {
  return {
    id: row.id,
    title: row.title,
    audience: audienceOf(row),
    delivery: row.delivery,
    quota: row.quota,
    grantDays: row.grant_days,
    totalCap: row.total_cap,
    claimed: row.claimed,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    pushCursor: row.push_cursor,
    pushedAt: row.pushed_at,
    createdBy: row.created_by,
    approvalId: row.approval_id,
    createdAt: row.created_at,
    stoppedAt: row.stopped_at,
  };
}

function audienceOf(row: Selectable<CampaignsTable>): StoredCampaign['audience'] {
  if (row.audience === 'level' && row.min_level !== null) return { kind: 'level', minLevel: row.min_level };
  return { kind: row.audience === 'accounts' ? 'accounts' : 'members' };
}

/** The campaign as operators see it. */
export function toCampaign(campaign: StoredCampaign, now: Date): Campaign {
  const { pushCursor: _cursor, ...shown } = campaign;
  return {
    ...shown,
    state: stateOf(campaign, now),
    startsAt: campaign.startsAt.toISOString(),
    endsAt: campaign.endsAt.toISOString(),
    pushedAt: campaign.pushedAt?.toISOString() ?? null,
    createdAt: campaign.createdAt.toISOString(),
    stoppedAt: campaign.stoppedAt?.toISOString() ?? null,
  };
}
