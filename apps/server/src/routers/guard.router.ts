import {
  reportIdInput,
  reviewDraftInput,
  reviewDraftOutput,
  storedReportOutput,
  storedReportsInput,
  storedReportsOutput,
} from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const guardRouter = router({
  lastReport: ownProcedure
    .meta({
      permission: 'guard.read',
      openapi: { method: 'GET', path: '/guard/report', summary: 'What the last review of the installation found' },
    })
    .output(storedReportOutput)
    .query(({ ctx }) => ctx.useCases.guard.lastReport()),

  reports: ownProcedure
    .meta({
      permission: 'guard.read',
      openapi: { method: 'GET', path: '/guard/reports', summary: 'The reviews there were, newest first' },
    })
    .input(storedReportsInput)
    .output(storedReportsOutput)
    .query(({ ctx, input }) => ctx.useCases.guard.listReports(input)),

  report: ownProcedure
    .meta({
      permission: 'guard.read',
      openapi: { method: 'GET', path: '/guard/reports/{reportId}', summary: 'One of them, with what it found' },
    })
    .input(reportIdInput)
    .output(storedReportOutput)
    .query(({ ctx, input }) => ctx.useCases.guard.getReport(input.reportId)),

  reviewDraft: ownProcedure
    .meta({
      permission: 'guard.read',
      openapi: {
        method: 'POST',
        path: '/guard/review',
        summary: 'What saving a draft would answer; nothing is kept',
      },
    })
    .input(reviewDraftInput)
    .output(reviewDraftOutput)
    .mutation(({ ctx, input }) => ctx.useCases.guard.reviewDraft(input.draft)),
});
