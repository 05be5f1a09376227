import {
  assignExceptionInput,
  exceptionDetailSchema,
  exceptionIdInput,
  exceptionSchema,
  exceptionsOutput,
  listExceptionsInput,
  listRunsInput,
  moveExceptionInput,
  noteExceptionInput,
  reconciliationRunSchema,
  runIdInput,
  runsOutput,
  startReconciliationInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const reconciliationRouter = router({
  start: ownProcedure
    .meta({
      permission: 'reconciliation.manage',
      openapi: {
        method: 'POST',
        path: '/reconciliation/runs',
        summary:
          "Compare a day's bills, or what vendors consumed in it, with the books, again if need be; a run under way is answered instead of a second",
      },
    })
    .input(startReconciliationInput)
    .output(reconciliationRunSchema)
    .mutation(({ ctx, input }) => ctx.useCases.reconciliation.start(actorOf(ctx), input)),

  runs: ownProcedure
    .meta({
      permission: 'reconciliation.read',
      openapi: { method: 'GET', path: '/reconciliation/runs', summary: 'Comparisons of days, newest first' },
    })
    .input(listRunsInput)
    .output(runsOutput)
    .query(({ ctx, input }) => ctx.useCases.reconciliation.runs(input)),

  run: ownProcedure
    .meta({
      permission: 'reconciliation.read',
      openapi: {
        method: 'GET',
        path: '/reconciliation/runs/{runId}',
        summary: 'One comparison: its bills, counts and sums',
      },
    })
    .input(runIdInput)
    .output(reconciliationRunSchema)
    .query(({ ctx, input }) => ctx.useCases.reconciliation.run(input.runId)),

  exceptions: ownProcedure
    .meta({
      permission: 'reconciliation.read',
      openapi: {
        method: 'GET',
        path: '/reconciliation/exceptions',
        summary: 'What disagreed, newest first, by state, day, kind, owner or assignee',
      },
    })
    .input(listExceptionsInput)
    .output(exceptionsOutput)
    .query(({ ctx, input }) => ctx.useCases.reconciliation.exceptions.list(input)),

  exception: ownProcedure
    .meta({
      permission: 'reconciliation.read',
      openapi: {
        method: 'GET',
        path: '/reconciliation/exceptions/{exceptionId}',
        summary: 'One difference with everything that happened to it',
      },
    })
    .input(exceptionIdInput)
    .output(exceptionDetailSchema)
    .query(({ ctx, input }) => ctx.useCases.reconciliation.exceptions.get(input.exceptionId)),

  move: ownProcedure
    .meta({
      permission: 'reconciliation.manage',
      openapi: {
        method: 'POST',
        path: '/reconciliation/exceptions/{exceptionId}/move',
        summary: 'Investigate, resolve, accept or reopen a difference, and say why',
      },
    })
    .input(moveExceptionInput)
    .output(exceptionSchema)
    .mutation(({ ctx, input }) => ctx.useCases.reconciliation.exceptions.move(actorOf(ctx), input)),

  assign: ownProcedure
    .meta({
      permission: 'reconciliation.manage',
      openapi: {
        method: 'POST',
        path: '/reconciliation/exceptions/{exceptionId}/assign',
        summary: 'Give a difference to somebody, or back to nobody',
      },
    })
    .input(assignExceptionInput)
    .output(exceptionSchema)
    .mutation(({ ctx, input }) => ctx.useCases.reconciliation.exceptions.assign(actorOf(ctx), input)),

  note: ownProcedure
    .meta({
      permission: 'reconciliation.manage',
      openapi: {
        method: 'POST',
        path: '/reconciliation/exceptions/{exceptionId}/notes',
        summary: 'Add to the history of a difference',
      },
    })
    .input(noteExceptionInput)
    .output(exceptionDetailSchema)
    .mutation(({ ctx, input }) => ctx.useCases.reconciliation.exceptions.note(actorOf(ctx), input)),
});
