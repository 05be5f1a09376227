import { tracked } from '@trpc/server';
import {
  batchEventSchema,
  batchIdInput,
  batchWithTasksSchema,
  batchZipOutput,
  batchesOutput,
  createBatchInput,
  listBatchesInput,
  watchBatchInput,
  type BatchEvent,
} from '@yunshang/contracts';
import { watchBatch } from '../streams/watch-batch.ts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const batchesRouter = router({
  create: keyedProcedure
    .meta({
      permission: 'tasks.own',
      openapi: {
        method: 'POST',
        path: '/batches',
        summary: 'Pay for up to 50 tasks and put them to work, or for none',
      },
      limit: { counted: 'process' },
    })
    .input(createBatchInput)
    .output(batchWithTasksSchema)
    .mutation(({ ctx, input }) =>
      ctx.useCases.batches.create({
        userId: ctx.caller.userId,
        idempotencyKey: ctx.idempotencyKey,
        ...input,
      }),
    ),

  get: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'GET', path: '/batches/{batchId}', summary: 'One of my batches with its tasks' },
    })
    .input(batchIdInput)
    .output(batchWithTasksSchema)
    .query(({ ctx, input }) => ctx.useCases.batches.get(ctx.caller.userId, input.batchId)),

  list: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'GET', path: '/batches', summary: 'My batches, newest first' },
    })
    .input(listBatchesInput)
    .output(batchesOutput)
    .query(({ ctx, input }) => ctx.useCases.batches.list(ctx.caller.userId, input)),

  cancel: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'POST', path: '/batches/{batchId}/cancel', summary: 'Cancel what has not begun of a batch' },
    })
    .input(batchIdInput)
    .output(batchWithTasksSchema)
    .mutation(({ ctx, input }) => ctx.useCases.batches.cancel(ctx.caller.userId, input.batchId)),

  retryFailed: keyedProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'POST', path: '/batches/{batchId}/retry', summary: 'Pay for the failed tasks anew' },
      limit: { counted: 'process' },
    })
    .input(batchIdInput)
    .output(batchWithTasksSchema)
    .mutation(({ ctx, input }) =>
      ctx.useCases.batches.retryFailed({
        userId: ctx.caller.userId,
        batchId: input.batchId,
        idempotencyKey: ctx.idempotencyKey,
      }),
    ),

  zip: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'POST', path: '/batches/{batchId}/zip', summary: 'One file of all results, once it is made' },
    })
    .input(batchIdInput)
    .output(batchZipOutput)
    .mutation(({ ctx, input }) => ctx.useCases.batches.zip(ctx.caller.userId, input.batchId)),

  watch: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: {
        method: 'GET',
        path: '/batches/{batchId}/events',
        summary: 'Progress of a batch as server-sent events',
      },
    })
    .input(watchBatchInput)
    .subscription(async ({ ctx, input, signal }) => {
      const { batchId, lastEventId = null } = input;
      const { userId } = ctx.caller;
      // Asked before the stream opens, so that a stranger's batch is a plain 404.
      await ctx.useCases.batches.eventAfter(userId, batchId, lastEventId);
      return trackedProgress(
        watchBatch(ctx.useCases.batches, { userId, batchId, after: lastEventId, signal, draining: ctx.draining }),
      );
    }),
});

async function* trackedProgress(progress: AsyncIterable<{ id: string; event: BatchEvent }>) {
  for await (const { id, event } of progress) yield tracked(id, batchEventSchema.parse(event));
}
