import type { CampaignState } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import { getMembership } from '../memberships/membership.store.ts';
import { type Given, giveQuota } from '../quota/give-quota.ts';
import { type LockedUser, lockUser } from '../quota/ledger.store.ts';
import { countClaim, findCampaign, insertClaim, standingOf } from './campaign.store.ts';
import { isFor, stateOf, type StoredCampaign } from './campaign.ts';

export type CampaignGift =
  | { kind: 'given'; campaign: StoredCampaign; given: Given }
  | { kind: 'claimed' }
  | { kind: 'not_allowed' }
  | { kind: 'closed'; state: CampaignState };

/**
 * Gives one account what a campaign holds for it, once, while there is some left. Member, then campaign, then grants; the campaign's row is
 * the one that everybody wants, so it is taken last.
 */
export async function giveCampaign(
  tx: Tx,
  { userId, campaign, cause, now }: { userId: string; campaign: StoredCampaign; cause: string; now: Date },
): Promise<CampaignGift> {
  const user: LockedUser = await lockUser(tx, userId);
  const { listed, claimed } = await standingOf(tx, userId, [campaign.id]);
  if (claimed.has(campaign.id)) return { kind: 'claimed' };
  const level = (await getMembership(tx, userId, now))?.level ?? null;
  if (!isFor(campaign.audience, { level, isListed: listed.has(campaign.id) })) return { kind: 'not_allowed' };
  if (!(await countClaim(tx, campaign.id, now))) {
    const fresh = await findCampaign(tx, campaign.id);
    return { kind: 'closed', state: stateOf(fresh ?? campaign, now) };
  }
  const given = await giveQuota(tx, user, {
    source: 'promotion',
    amount: campaign.quota,
    days: campaign.grantDays,
    effectKey: `campaign:${campaign.id}:${userId}`,
    cause,
    now,
  });
  await insertClaim(tx, { campaignId: campaign.id, userId, grantId: given.grantId, now });
  return { kind: 'given', campaign, given };
}
