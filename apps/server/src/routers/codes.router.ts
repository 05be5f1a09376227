import {
  codeBatchesOutput,
  codeBatchIdInput,
  codeBatchSchema,
  createCodeBatchInput,
  createdCodeBatchOutput,
  disableCodeBatchInput,
  giftOutput,
  issueCodesInput,
  issuedCodesOutput,
  listCodeBatchesInput,
  redeemCodeInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const codesRouter = router({
  redeem: keyedProcedure
    .meta({
      permission: 'codes.redeem',
      openapi: { method: 'POST', path: '/codes/redeem', summary: 'Turn a redemption code into quota' },
    })
    .input(redeemCodeInput)
    .output(giftOutput)
    .mutation(({ ctx, input }) =>
      ctx.guesses.make({ userId: ctx.caller.userId, ip: ctx.ip }, () =>
        ctx.useCases.codes.redeem(actorOf(ctx), { ...input, idempotencyKey: ctx.idempotencyKey }),
      ),
    ),

  batches: ownProcedure
    .meta({
      permission: 'codes.read',
      openapi: { method: 'GET', path: '/codes/batches', summary: 'Batches of codes, newest first; never the codes' },
    })
    .input(listCodeBatchesInput)
    .output(codeBatchesOutput)
    .query(({ ctx, input }) => ctx.useCases.codes.listBatches(input)),

  batch: ownProcedure
    .meta({
      permission: 'codes.read',
      openapi: { method: 'GET', path: '/codes/batches/{batchId}', summary: 'One batch of codes; never the codes' },
    })
    .input(codeBatchIdInput)
    .output(codeBatchSchema)
    .query(({ ctx, input }) => ctx.useCases.codes.getBatch(input.batchId)),

  createBatch: keyedProcedure
    .meta({
      permission: 'codes.manage',
      openapi: {
        method: 'POST',
        path: '/codes/batches',
        summary: 'Make a batch of codes, or ask for a second person where it is large',
      },
    })
    .input(createCodeBatchInput)
    .output(createdCodeBatchOutput)
    .mutation(({ ctx, input }) =>
      ctx.useCases.codes.createBatch(actorOf(ctx), { ...input, idempotencyKey: ctx.idempotencyKey }),
    ),

  issue: ownProcedure
    .meta({
      permission: 'codes.manage',
      openapi: {
        method: 'POST',
        path: '/codes/batches/{batchId}/issue',
        summary: 'Make the codes and show them, this once',
      },
    })
    .input(issueCodesInput)
    .output(issuedCodesOutput)
    .mutation(({ ctx, input }) => ctx.useCases.codes.issue(actorOf(ctx), input)),

  disableBatch: ownProcedure
    .meta({
      permission: 'codes.manage',
      openapi: {
        method: 'POST',
        path: '/codes/batches/{batchId}/disable',
        summary: 'End a batch: none of its codes can be redeemed any more',
      },
    })
    .input(disableCodeBatchInput)
    .output(codeBatchSchema)
    .mutation(({ ctx, input }) => ctx.useCases.codes.disableBatch(actorOf(ctx), input)),
});
