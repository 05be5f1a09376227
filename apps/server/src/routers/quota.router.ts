import { balanceOutput, exportHistoryInput, fileOutput, historyInput, historyOutput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const quotaRouter = router({
  balance: ownProcedure
    .meta({
      permission: 'quota.own',
      openapi: { method: 'GET', path: '/quota/balance', summary: 'What I can spend, and when it ends' },
    })
    .output(balanceOutput)
    .query(({ ctx }) => ctx.useCases.quota.balance(ctx.caller.userId)),

  history: ownProcedure
    .meta({
      permission: 'quota.own',
      openapi: { method: 'GET', path: '/quota/history', summary: 'My ledger, newest first' },
    })
    .input(historyInput)
    .output(historyOutput)
    .query(({ ctx, input }) => ctx.useCases.quota.history(ctx.caller.userId, input)),

  export: ownProcedure
    .meta({
      permission: 'quota.own',
      openapi: {
        method: 'GET',
        path: '/quota/history.csv',
        summary: 'My ledger as a CSV file, oldest first',
        file: 'text/csv',
      },
      limit: { perMinute: 20, counted: 'shared' },
    })
    .input(exportHistoryInput)
    .output(fileOutput)
    .query(({ ctx, input }) => ctx.useCases.quota.export(ctx.caller.userId, input)),
});
