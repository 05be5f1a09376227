import {
  endSessionInput,
  refreshInput,
  requestCodeInput,
  requestCodeOutput,
  sessionsOutput,
  signInInput,
  tokensOutput,
} from '@yunshang/contracts';
import { openProcedure, ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const authRouter = router({
  requestCode: openProcedure
    .meta({
      permission: 'public',
      openapi: { method: 'POST', path: '/auth/request-code', summary: 'Send a sign-in code by text message' },
      limit: { perMinute: 60, counted: 'shared' },
    })
    .input(requestCodeInput)
    .output(requestCodeOutput)
    .mutation(({ ctx, input }) => ctx.useCases.accounts.requestCode({ ...input, ip: ctx.ip })),

  signIn: openProcedure
    .meta({
      permission: 'public',
      openapi: { method: 'POST', path: '/auth/sign-in', summary: 'Exchange a code for tokens' },
      limit: { perMinute: 120, counted: 'shared' },
    })
    .input(signInInput)
    .output(tokensOutput)
    .mutation(({ ctx, input }) => ctx.useCases.accounts.signIn({ ...input, ...whereFrom(ctx) })),

  refresh: openProcedure
    .meta({
      permission: 'public',
      openapi: { method: 'POST', path: '/auth/refresh', summary: 'Exchange a refresh token for new tokens' },
    })
    .input(refreshInput)
    .output(tokensOutput)
    .mutation(({ ctx, input }) => ctx.useCases.accounts.refresh({ ...input, requestId: ctx.requestId })),

  signOut: ownProcedure
    .meta({
      permission: 'account.own',
      openapi: { method: 'POST', path: '/auth/sign-out', summary: 'End this session' },
    })
    .output(doneOutput)
    .mutation(async ({ ctx }) => {
      await ctx.useCases.accounts.signOut(ctx.caller, ctx.requestId);
      return DONE;
    }),

  sessions: ownProcedure
    .meta({
      permission: 'account.own',
      openapi: { method: 'GET', path: '/auth/sessions', summary: 'List my sessions' },
    })
    .output(sessionsOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.accounts.listSessions(ctx.caller) })),

  endSession: ownProcedure
    .meta({
      permission: 'account.own',
      openapi: { method: 'DELETE', path: '/auth/sessions/{sessionId}', summary: 'End one of my sessions' },
    })
    .input(endSessionInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.accounts.endSession(ctx.caller, input.sessionId, ctx.requestId);
      return DONE;
    }),
});

/** What a session remembers of the request that began it. */
function whereFrom({ ip, userAgent, requestId }: { ip: string; userAgent: string; requestId: string }) {
  return { ip, userAgent, requestId };
}
