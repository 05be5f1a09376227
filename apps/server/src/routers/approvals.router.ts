import {
  approvalIdInput,
  approvalSchema,
  approvalsOutput,
  decideApprovalInput,
  listApprovalsInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const approvalsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'approvals.read',
      openapi: { method: 'GET', path: '/approvals', summary: 'What took or takes a second person, newest first' },
    })
    .input(listApprovalsInput)
    .output(approvalsOutput)
    .query(({ ctx, input }) => ctx.useCases.approvals.list(input)),

  get: ownProcedure
    .meta({
      permission: 'approvals.read',
      openapi: { method: 'GET', path: '/approvals/{approvalId}', summary: 'One of them, with what is asked for' },
    })
    .input(approvalIdInput)
    .output(approvalSchema)
    .query(({ ctx, input }) => ctx.useCases.approvals.get(input.approvalId)),

  decide: ownProcedure
    .meta({
      permission: 'approvals.decide',
      openapi: {
        method: 'POST',
        path: '/approvals/{approvalId}/decide',
        summary: 'Approve, which does it at once, or reject; never by whoever asked',
      },
    })
    .input(decideApprovalInput)
    .output(approvalSchema)
    .mutation(({ ctx, input }) => ctx.useCases.approvals.decide(actorOf(ctx), input)),

  withdraw: ownProcedure
    .meta({
      permission: 'approvals.withdraw',
      openapi: { method: 'POST', path: '/approvals/{approvalId}/withdraw', summary: 'Take back what I asked for' },
    })
    .input(approvalIdInput)
    .output(approvalSchema)
    .mutation(({ ctx, input }) => ctx.useCases.approvals.withdraw(actorOf(ctx), input.approvalId)),
});
