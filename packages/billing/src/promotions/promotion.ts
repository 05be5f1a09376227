import type { CampaignBody, CodeBatchBody } from '@yunshang/contracts';

export type PromotionLimits = {
  /** Units that one person may put out by themselves within 24 hours, in batches and campaigns together. */
  aloneQuota: number;
};

/** Over which time promotions of one person add up. */
export const ALONE_MS = 24 * 3_600_000;

/** The most units that a batch of codes can become. */
export function worthOfBatch(batch: Pick<CodeBatchBody, 'quota' | 'codeCount' | 'usesPerCode'>): number {
  return batch.quota * batch.codeCount * batch.usesPerCode;
}

/** The most units that a campaign can become. */
export function worthOfCampaign(campaign: Pick<CampaignBody, 'quota' | 'totalCap'>): number {
  return campaign.quota * campaign.totalCap;
}

/** Whether it takes a second person: small ones add up, so that a large one can not be cut into pieces. */
export function takesSecondPerson(
  limits: PromotionLimits,
  { worth, already }: { worth: number; already: number },
): boolean {
  return already + worth > limits.aloneQuota;
}
