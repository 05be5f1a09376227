import type { CampaignBody, CampaignState } from '@yunshang/contracts';

export type StoredCampaign = {
  id: string;
  title: string;
  audience: { kind: 'members' } | { kind: 'level'; minLevel: number } | { kind: 'accounts' };
  delivery: CampaignBody['delivery'];
  quota: number;
  grantDays: number;
  totalCap: number;
  claimed: number;
  startsAt: Date;
  endsAt: Date;
  pushCursor: string;
  pushedAt: Date | null;
  createdBy: string;
  approvalId: string | null;
  createdAt: Date;
  stoppedAt: Date | null;
};

/** What can be done with it at `now`. A stopped campaign stays stopped, also after its window. */
export function stateOf(
  campaign: Pick<StoredCampaign, 'stoppedAt' | 'startsAt' | 'endsAt' | 'claimed' | 'totalCap'>,
  now: Date,
): CampaignState {
  if (campaign.stoppedAt !== null) return 'stopped';
  if (campaign.endsAt <= now) return 'ended';
  if (campaign.startsAt > now) return 'scheduled';
  return campaign.claimed >= campaign.totalCap ? 'full' : 'open';
}

/** Whether a campaign is for somebody. `level` is null without a membership in force. */
export function isFor(
  audience: StoredCampaign['audience'],
  member: { level: number | null; isListed: boolean },
): boolean {
  if (audience.kind === 'accounts') return member.isListed;
  if (member.level === null) return false;
  return audience.kind === 'members' || member.level >= audience.minLevel;
}
