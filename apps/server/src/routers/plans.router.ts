import { plansOutput } from '@yunshang/contracts';
import { openProcedure, router } from '../trpc/trpc.ts';

export const plansRouter = router({
  list: openProcedure
    .meta({ permission: 'plans.read', openapi: { method: 'GET', path: '/plans', summary: 'Plans on sale' } })
    .output(plansOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.plans.list() })),
});
