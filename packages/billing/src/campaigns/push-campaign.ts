import { isAppError } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, recordAudit } from '@yunshang/db';
import { listAudience, saveProgress } from './audience.store.ts';
import { findCampaign } from './campaign.store.ts';
import { stateOf, type StoredCampaign } from './campaign.ts';
import { giveCampaign } from './give-campaign.ts';

/** Accounts between two notes of how far it has come. */
const PAGE = 100;
/** One delivery of the job works this long at most, well within the time after which it would be delivered again. */
const RUN_MS = 20_000;

type Page = { given: number; last: string; isLast: boolean };

/**
 * The job `campaign.push`: gives a campaign to everybody of its audience in the order of their ids, one transaction each, until nobody is left
 * or the campaign is over. It may run twice or beside itself: each account is given it once. `againAt`: it goes on then.
 */
export async function pushCampaign(
  { db, clock }: { db: Db; clock: Clock },
  { campaignId }: { campaignId: string },
  pageSize: number = PAGE,
): Promise<'done' | { againAt: Date }> {
  const untilMs = performance.now() + RUN_MS;
  for (;;) {
    const now = clock.now();
    const campaign = await findCampaign(db, campaignId);
    if (campaign === undefined || campaign.delivery !== 'push' || campaign.pushedAt !== null) return 'done';
    const state = stateOf(campaign, now);
    if (state === 'scheduled') return { againAt: campaign.startsAt };
    if (state !== 'open') return 'done';
    const page = await pushPage(db, campaign, { limit: pageSize, now });
    await note(db, campaign, page, now);
    if (page.isLast) return 'done';
    if (performance.now() > untilMs) return { againAt: now };
  }
}

async function pushPage(db: Db, campaign: StoredCampaign, page: { limit: number; now: Date }): Promise<Page> {
  const { limit, now } = page;
  const userIds = await listAudience(db, campaign, { after: campaign.pushCursor, limit, now });
  let given = 0;
  for (const userId of userIds) if (await pushTo(db, campaign, userId, now)) given += 1;
  return { given, last: userIds.at(-1) ?? campaign.pushCursor, isLast: userIds.length < limit };
}

async function pushTo(db: Db, campaign: StoredCampaign, userId: string, now: Date): Promise<boolean> {
  try {
    const gift = await inTransaction(db, (tx) => giveCampaign(tx, { userId, campaign, cause: 'campaign_pushed', now }));
    return gift.kind === 'given';
  } catch (error) {
    // An account that can hold no more is left out and holds nobody up.
    if (isAppError(error, 'STATE_CONFLICT')) return false;
    throw error;
  }
}

async function note(db: Db, campaign: StoredCampaign, page: Page, now: Date): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { id: campaignId } = campaign;
    await saveProgress(tx, { campaignId, cursor: page.last, isDone: page.isLast, now });
    await recordAudit(
      tx,
      { id: null, role: 'system', requestId: 'campaign.push' },
      {
        action: 'campaigns.pushed',
        subjectType: 'campaign',
        subjectId: campaignId,
        details: { given: page.given, upTo: page.last, isLast: page.isLast },
        now,
      },
    );
  });
}
