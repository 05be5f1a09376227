import { featureFormInput, featureFormOutput, featuresOutput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const featuresRouter = router({
  list: ownProcedure
    .meta({
      permission: 'features.use',
      openapi: { method: 'GET', path: '/features', summary: 'Features I may use' },
    })
    .output(featuresOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.features.list(ctx.caller.userId) })),

  form: ownProcedure
    .meta({
      permission: 'features.use',
      openapi: { method: 'GET', path: '/features/{featureId}/form', summary: 'The form of a feature' },
    })
    .input(featureFormInput)
    .output(featureFormOutput)
    .query(({ ctx, input }) => ctx.useCases.features.form(ctx.caller.userId, input.featureId)),
});
