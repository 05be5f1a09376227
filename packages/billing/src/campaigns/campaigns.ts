import {
  AppError,
  assertNever,
  type Campaign,
  type CreatedCampaign,
  type Gift,
  giftOutput,
  type Offer,
} from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit, type Tx } from '@yunshang/db';
import { personOf } from '../approvals/person.ts';
import { getMembership } from '../memberships/membership.store.ts';
import { answerOnce } from '../orders/answer-once.ts';
import type { PromotionLimits } from '../promotions/promotion.ts';
import { getBalance } from '../quota/balance.store.ts';
import { lockUser } from '../quota/ledger.store.ts';
import {
  findCampaign,
  listCampaigns,
  listOpenCampaigns,
  standingOf,
  stopCampaign,
  toCampaign,
} from './campaign.store.ts';
import { isFor, stateOf, type StoredCampaign } from './campaign.ts';
import { createCampaign, type CreateCampaignInput } from './create-campaign.ts';
import { giveCampaign } from './give-campaign.ts';

/** Campaigns; CAMPAIGN_NOT_FOUND where one is named. */
export type Campaigns = {
  create(actor: Actor, input: CreateCampaignInput): Promise<CreatedCampaign>;
  /** Nobody gets it any more; who has it keeps it. STATE_CONFLICT when it is stopped. */
  stop(actor: Actor, input: { campaignId: string; reason: string }): Promise<Campaign>;
  get(campaignId: string): Promise<Campaign>;
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(page: { cursor?: string | undefined; limit: number }): Promise<{ items: Campaign[]; nextCursor: string | null }>;
  /** What a member can claim now or has claimed of what is open, the first to end first. */
  offers(userId: string): Promise<Offer[]>;
  /** CAMPAIGN_NOT_OPEN, CAMPAIGN_FULL, CAMPAIGN_NOT_ALLOWED, CAMPAIGN_CLAIMED. */
  claim(actor: Actor, input: { campaignId: string; idempotencyKey: string }): Promise<Gift>;
};

export function createCampaigns(deps: { db: Db; clock: Clock; limits: PromotionLimits }): Campaigns {
  const { db, clock } = deps;
  async function get(campaignId: string): Promise<StoredCampaign> {
    const campaign = await findCampaign(db, campaignId);
    if (campaign === undefined) throw new AppError('CAMPAIGN_NOT_FOUND');
    return campaign;
  }
  return {
    create: (actor, input) => createCampaign(deps, actor, input),
    get: async (campaignId) => toCampaign(await get(campaignId), clock.now()),
    list: async (page) => {
      const { items, nextCursor } = await listCampaigns(db, page);
      const now = clock.now();
      return { items: items.map((campaign) => toCampaign(campaign, now)), nextCursor };
    },
    stop: async (actor, { campaignId, reason }) => {
      await get(campaignId);
      const now = clock.now();
      await inTransaction(db, async (tx) => {
        if (!(await stopCampaign(tx, campaignId, now))) throw new AppError('STATE_CONFLICT', { reason: 'stopped' });
        const subject = { subjectType: 'campaign', subjectId: campaignId };
        await recordAudit(tx, actor, { action: 'campaigns.stopped', ...subject, details: { reason }, now });
      });
      return toCampaign(await get(campaignId), now);
    },
    offers: (userId) => listOffers(db, userId, clock.now()),
    claim: async (actor, { campaignId, idempotencyKey }) => {
      const userId = personOf(actor);
      const campaign = await get(campaignId);
      return answerOnce(db, clock, {
        key: { userId, scope: 'campaigns.claim', key: idempotencyKey },
        fields: [campaignId],
        schema: giftOutput,
        lockFirst: (tx) => lockUser(tx, userId),
        work: (tx, now) => claim(tx, actor, { userId, campaign, now }),
      });
    },
  };
}

async function listOffers(db: Db, userId: string, now: Date): Promise<Offer[]> {
  const open = await listOpenCampaigns(db, now);
  if (open.length === 0) return [];
  const level = (await getMembership(db, userId, now))?.level ?? null;
  const { listed, claimed } = await standingOf(
    db,
    userId,
    open.map((campaign) => campaign.id),
  );
  return open
    .filter((campaign) => {
      const isOffered =
        stateOf(campaign, now) === 'open' && isFor(campaign.audience, { level, isListed: listed.has(campaign.id) });
      return isOffered || claimed.has(campaign.id);
    })
    .map((campaign) => ({
      campaignId: campaign.id,
      title: campaign.title,
      quota: campaign.quota,
      grantDays: campaign.grantDays,
      endsAt: campaign.endsAt.toISOString(),
      isClaimed: claimed.has(campaign.id),
    }));
}

async function claim(
  tx: Tx,
  actor: Actor,
  { userId, campaign, now }: { userId: string; campaign: StoredCampaign; now: Date },
): Promise<Gift> {
  if (campaign.delivery === 'push') throw new AppError('CAMPAIGN_NOT_OPEN', { reason: 'pushed' });
  const gift = await giveCampaign(tx, { userId, campaign, cause: 'campaign_claimed', now });
  switch (gift.kind) {
    case 'claimed':
      throw new AppError('CAMPAIGN_CLAIMED');
    case 'not_allowed':
      throw new AppError('CAMPAIGN_NOT_ALLOWED');
    case 'closed':
      throw gift.state === 'full'
        ? new AppError('CAMPAIGN_FULL')
        : new AppError('CAMPAIGN_NOT_OPEN', { reason: gift.state });
    case 'given': {
      const { grantId, expiresAt } = gift.given;
      await recordAudit(tx, actor, {
        action: 'campaigns.claimed',
        subjectType: 'campaign',
        subjectId: campaign.id,
        details: { userId, quota: campaign.quota, grantId },
        now,
      });
      const { available } = await getBalance(tx, userId, now);
      return { title: campaign.title, quota: campaign.quota, expiresAt: expiresAt.toISOString(), available };
    }
    default:
      return assertNever(gift);
  }
}
