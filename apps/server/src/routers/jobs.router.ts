import { deadJobsOutput, discardJobInput, jobIdInput, listDeadJobsInput } from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const jobsRouter = router({
  dead: ownProcedure
    .meta({
      permission: 'jobs.read',
      openapi: { method: 'GET', path: '/jobs/dead', summary: 'Jobs that kept failing, newest first' },
    })
    .input(listDeadJobsInput)
    .output(deadJobsOutput)
    .query(({ ctx, input }) => ctx.useCases.jobs.list(input)),

  replay: ownProcedure
    .meta({
      permission: 'jobs.manage',
      openapi: { method: 'POST', path: '/jobs/{jobId}/replay', summary: 'Deliver a dead job again' },
    })
    .input(jobIdInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.jobs.replay(actorOf(ctx), input.jobId);
      return DONE;
    }),

  discard: ownProcedure
    .meta({
      permission: 'jobs.manage',
      openapi: { method: 'POST', path: '/jobs/{jobId}/discard', summary: 'Give up a dead job; its task is refunded' },
    })
    .input(discardJobInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.jobs.discard(actorOf(ctx), input);
      return DONE;
    }),
});
