import { listNoticesInput, noticesOutput, readNoticesInput, readNoticesOutput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const noticesRouter = router({
  list: ownProcedure
    .meta({
      permission: 'notices.own',
      openapi: { method: 'GET', path: '/notices', summary: 'What I was told, newest first' },
    })
    .input(listNoticesInput)
    .output(noticesOutput)
    .query(({ ctx, input }) => ctx.useCases.notices.list(ctx.caller.userId, input)),

  read: ownProcedure
    .meta({
      permission: 'notices.own',
      openapi: { method: 'POST', path: '/notices/read', summary: 'Mark what I have seen as read' },
    })
    .input(readNoticesInput)
    .output(readNoticesOutput)
    .mutation(({ ctx, input }) => ctx.useCases.notices.read(ctx.caller.userId, input.upTo)),
});
