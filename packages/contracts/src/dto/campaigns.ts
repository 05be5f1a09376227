import { z } from 'zod';
import { idSchema, instantSchema, quotaSchema } from '../units.ts';
import { approvalSchema } from './approvals.ts';
import { giftDaysSchema, giftQuotaSchema, promotionReasonSchema, promotionTitleSchema } from './codes.ts';

/** Everybody with a membership in force; those of a level or higher; the accounts of a list, members or not. */
export const audienceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('members') }),
  z.strictObject({ kind: z.literal('level'), minLevel: z.int().min(1).max(9) }),
  z.strictObject({
    kind: z.literal('accounts'),
    /** User ids or account ids. */
    accounts: z.array(z.string().min(1).max(26)).min(1).max(1_000),
  }),
]);
export const CAMPAIGN_DELIVERIES = ['claim', 'push'] as const;
/** `scheduled` before its window, `full` at its cap, `ended` after its window, `stopped` by hand. */
export const CAMPAIGN_STATES = ['scheduled', 'open', 'full', 'ended', 'stopped'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

export const campaignBodySchema = z.strictObject({
  title: promotionTitleSchema,
  audience: audienceSchema,
  /** Members claim it themselves, or everybody of the audience is given it when the window opens. */
  delivery: z.enum(CAMPAIGN_DELIVERIES),
  quota: giftQuotaSchema,
  grantDays: giftDaysSchema,
  /** How many accounts get it at most; the first come first. */
  totalCap: z.int().min(1).max(1_000_000),
  startsAt: instantSchema,
  endsAt: instantSchema,
});
export type CampaignBody = z.infer<typeof campaignBodySchema>;

export const campaignSchema = z.object({
  id: idSchema,
  title: z.string(),
  audience: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('members') }),
    z.object({ kind: z.literal('level'), minLevel: z.int() }),
    z.object({ kind: z.literal('accounts') }),
  ]),
  delivery: z.enum(CAMPAIGN_DELIVERIES),
  quota: quotaSchema,
  grantDays: z.int(),
  totalCap: z.int(),
  claimed: z.int(),
  startsAt: instantSchema,
  endsAt: instantSchema,
  state: z.enum(CAMPAIGN_STATES),
  /** When everybody of the audience had been given it; null for what is claimed, or not pushed to the end. */
  pushedAt: instantSchema.nullable(),
  createdBy: idSchema,
  approvalId: idSchema.nullable(),
  createdAt: instantSchema,
  stoppedAt: instantSchema.nullable(),
});
export const createCampaignInput = campaignBodySchema.extend({ reason: promotionReasonSchema });
/** One of the two: made, or waiting for a second person. */
export const createdCampaignOutput = z.object({
  campaign: campaignSchema.nullable(),
  approval: approvalSchema.nullable(),
});
export const campaignIdInput = z.strictObject({ campaignId: idSchema });
export const stopCampaignInput = campaignIdInput.extend({ reason: promotionReasonSchema });
export const listCampaignsInput = z.strictObject({
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const campaignsOutput = z.object({ items: z.array(campaignSchema), nextCursor: idSchema.nullable() });

/** What a member can claim now, or has claimed. */
export const offerSchema = z.object({
  campaignId: idSchema,
  title: z.string(),
  quota: quotaSchema,
  grantDays: z.int(),
  endsAt: instantSchema,
  isClaimed: z.boolean(),
});
export const offersOutput = z.object({ items: z.array(offerSchema) });

export type Campaign = z.infer<typeof campaignSchema>;
export type CreatedCampaign = z.infer<typeof createdCampaignOutput>;
export type Offer = z.infer<typeof offerSchema>;
