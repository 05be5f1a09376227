import { accountOutput } from '@yunshang/contracts';
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
});
