import {
  closeReportsInput,
  closeReportsOutput,
  listReportsInput,
  reportFileInput,
  reportFileOutput,
  reportInput,
  reportOutput,
  reportsOutput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const reportsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'reports.read',
      openapi: { method: 'GET', path: '/reports/{kind}', summary: 'Closed days, months or years, newest first' },
    })
    .input(listReportsInput)
    .output(reportsOutput)
    .query(({ ctx, input }) => ctx.useCases.reports.list(input)),

  get: ownProcedure
    .meta({
      permission: 'reports.read',
      openapi: {
        method: 'GET',
        path: '/reports/{kind}/{period}',
        summary: 'A day, month or year out of the ledgers; as it was closed once it is',
      },
      // An open period is made anew for each who asks.
      limit: { perMinute: 30, counted: 'shared' },
    })
    .input(reportInput)
    .output(reportOutput)
    .query(({ ctx, input }) => ctx.useCases.reports.get(input)),

  file: ownProcedure
    .meta({
      permission: 'reports.read',
      openapi: {
        method: 'GET',
        path: '/reports/{kind}/{period}/file',
        summary: 'The same as a file: canonical JSON, CSV, XLSX or a chart',
      },
      limit: { perMinute: 30, counted: 'shared' },
    })
    .input(reportFileInput)
    .output(reportFileOutput)
    .query(({ ctx, input }) => ctx.useCases.reports.file(input)),

  close: ownProcedure
    .meta({
      permission: 'reports.close',
      openapi: { method: 'POST', path: '/reports/close', summary: 'Close every open day up to this one, for good' },
    })
    .input(closeReportsInput)
    .output(closeReportsOutput)
    .mutation(async ({ ctx, input }) => ({ closed: await ctx.useCases.reports.close(actorOf(ctx), input) })),
});
