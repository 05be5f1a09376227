import {
  campaignIdInput,
  campaignSchema,
  campaignsOutput,
  createCampaignInput,
  createdCampaignOutput,
  giftOutput,
  listCampaignsInput,
  offersOutput,
  stopCampaignInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const campaignsRouter = router({
  offers: ownProcedure
    .meta({
      permission: 'campaigns.claim',
      openapi: { method: 'GET', path: '/campaigns/offers', summary: 'What I can claim now, or have claimed' },
    })
    .output(offersOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.campaigns.offers(ctx.caller.userId) })),

  claim: keyedProcedure
    .meta({
      permission: 'campaigns.claim',
      openapi: { method: 'POST', path: '/campaigns/{campaignId}/claim', summary: 'Claim the quota of a campaign' },
    })
    .input(campaignIdInput)
    .output(giftOutput)
    .mutation(({ ctx, input }) =>
      ctx.useCases.campaigns.claim(actorOf(ctx), { ...input, idempotencyKey: ctx.idempotencyKey }),
    ),

  list: ownProcedure
    .meta({
      permission: 'campaigns.read',
      openapi: { method: 'GET', path: '/campaigns', summary: 'Every campaign, newest first' },
    })
    .input(listCampaignsInput)
    .output(campaignsOutput)
    .query(({ ctx, input }) => ctx.useCases.campaigns.list(input)),

  get: ownProcedure
    .meta({
      permission: 'campaigns.read',
      openapi: { method: 'GET', path: '/campaigns/{campaignId}', summary: 'One campaign' },
    })
    .input(campaignIdInput)
    .output(campaignSchema)
    .query(({ ctx, input }) => ctx.useCases.campaigns.get(input.campaignId)),

  create: keyedProcedure
    .meta({
      permission: 'campaigns.manage',
      openapi: {
        method: 'POST',
        path: '/campaigns',
        summary: 'Open a campaign, or ask for a second person where it is large',
      },
    })
    .input(createCampaignInput)
    .output(createdCampaignOutput)
    .mutation(({ ctx, input }) =>
      ctx.useCases.campaigns.create(actorOf(ctx), { ...input, idempotencyKey: ctx.idempotencyKey }),
    ),

  stop: ownProcedure
    .meta({
      permission: 'campaigns.manage',
      openapi: {
        method: 'POST',
        path: '/campaigns/{campaignId}/stop',
        summary: 'Stop a campaign for good; who has its quota keeps it',
      },
    })
    .input(stopCampaignInput)
    .output(campaignSchema)
    .mutation(({ ctx, input }) => ctx.useCases.campaigns.stop(actorOf(ctx), input)),
});
