import {
  listRefundsInput,
  refundIdInput,
  refundSchema,
  refundsOutput,
  requestedRefundOutput,
  requestRefundInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const refundsRouter = router({
  request: keyedProcedure
    .meta({
      permission: 'refunds.request',
      openapi: {
        method: 'POST',
        path: '/refunds',
        summary: 'Give money of an order back, or ask a second person when it is much',
      },
    })
    .input(requestRefundInput)
    .output(requestedRefundOutput)
    .mutation(({ ctx, input }) =>
      ctx.useCases.refunds.request(actorOf(ctx), { ...input, idempotencyKey: ctx.idempotencyKey }),
    ),

  get: ownProcedure
    .meta({
      permission: 'refunds.read',
      openapi: { method: 'GET', path: '/refunds/{refundId}', summary: 'One refund and how far it is' },
    })
    .input(refundIdInput)
    .output(refundSchema)
    .query(({ ctx, input }) => ctx.useCases.refunds.get(input.refundId)),

  list: ownProcedure
    .meta({
      permission: 'refunds.read',
      openapi: { method: 'GET', path: '/refunds', summary: 'Refunds, newest first' },
    })
    .input(listRefundsInput)
    .output(refundsOutput)
    .query(({ ctx, input }) => ctx.useCases.refunds.list(input)),

  retry: ownProcedure
    .meta({
      permission: 'refunds.request',
      openapi: {
        method: 'POST',
        path: '/refunds/{refundId}/retry',
        summary: 'Ask WeChat Pay now, under the same number',
      },
    })
    .input(refundIdInput)
    .output(refundSchema)
    .mutation(({ ctx, input }) => ctx.useCases.refunds.retry(actorOf(ctx), input.refundId)),

  giveUp: ownProcedure
    .meta({
      permission: 'refunds.request',
      openapi: {
        method: 'POST',
        path: '/refunds/{refundId}/give-up',
        summary: 'End a refund that WeChat Pay refuses; what was taken for it is given back',
      },
    })
    .input(refundIdInput)
    .output(refundSchema)
    .mutation(({ ctx, input }) => ctx.useCases.refunds.giveUp(actorOf(ctx), input.refundId)),
});
