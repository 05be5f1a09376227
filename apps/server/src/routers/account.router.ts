import { accountOutput, lowQuotaSmsInput, lowQuotaSmsOutput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const accountRouter = router({
  get: ownProcedure
    .meta({
      permission: 'account.own',
      openapi: { method: 'GET', path: '/account', summary: 'My account and membership' },
    })
    .output(accountOutput)
    .query(async ({ ctx }) => {
      const { userId } = ctx.caller;
      const [profile, membership] = await Promise.all([
        ctx.useCases.accounts.profile(userId),
        ctx.useCases.plans.membershipOf(userId),
      ]);
      return { ...profile, membership };
    }),

  setLowQuotaSms: ownProcedure
    .meta({
      permission: 'account.own',
      openapi: {
        method: 'PUT',
        path: '/account/low-quota-sms',
        summary: 'Agree to text messages about low quota, or take that back',
      },
    })
    .input(lowQuotaSmsInput)
    .output(lowQuotaSmsOutput)
    .mutation(({ ctx, input }) => {
      const { userId, role } = ctx.caller;
      const actor = { id: userId, role, requestId: ctx.requestId };
      return ctx.useCases.accounts.setLowQuotaSms(actor, { userId, ...input });
    }),
});
