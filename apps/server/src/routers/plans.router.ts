import {
  movePlanInput,
  plansOutput,
  planVersionSchema,
  planVersionsInput,
  planVersionsOutput,
  publishPlanInput,
  savePlanInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { openProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const plansRouter = router({
  list: openProcedure
    .meta({ permission: 'plans.read', openapi: { method: 'GET', path: '/plans', summary: 'Plans on sale' } })
    .output(plansOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.plans.list() })),

  versions: ownProcedure
    .meta({
      permission: 'plans.versions',
      openapi: { method: 'GET', path: '/plans/versions', summary: 'Every version of every plan, or of one' },
    })
    .input(planVersionsInput)
    .output(planVersionsOutput)
    .query(async ({ ctx, input }) => ({ items: await ctx.useCases.planVersions.list(input.planId) })),

  saveDraft: ownProcedure
    .meta({
      permission: 'plans.write',
      openapi: {
        method: 'PUT',
        path: '/plans/{planId}/draft',
        summary: 'Keep a plan as its open draft; nobody can buy it yet',
      },
    })
    .input(savePlanInput)
    .output(planVersionSchema)
    .mutation(({ ctx, input: { acknowledge, ...body } }) =>
      ctx.useCases.planVersions.saveDraft(actorOf(ctx), body, acknowledge),
    ),

  publish: ownProcedure
    .meta({
      permission: 'plans.write',
      openapi: {
        method: 'POST',
        path: '/plans/{planId}/versions/{version}/publish',
        summary: 'Sell a draft from now on, in place of what was sold',
      },
    })
    .input(publishPlanInput)
    .output(planVersionSchema)
    .mutation(({ ctx, input }) => ctx.useCases.planVersions.publish(actorOf(ctx), input)),

  archive: ownProcedure
    .meta({
      permission: 'plans.write',
      openapi: {
        method: 'POST',
        path: '/plans/{planId}/versions/{version}/archive',
        summary: 'Take a version off sale for good, or throw a draft away',
      },
    })
    .input(movePlanInput)
    .output(planVersionSchema)
    .mutation(({ ctx, input }) => ctx.useCases.planVersions.archive(actorOf(ctx), input)),
});
