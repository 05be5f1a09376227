import {
  compensatedOutput,
  compensateInput,
  compensationsOutput,
  listCompensationsInput,
  memberQuotaInput,
  memberQuotaOutput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const grantsRouter = router({
  ofMember: ownProcedure
    .meta({
      permission: 'grants.read',
      openapi: { method: 'GET', path: '/grants/members/{userId}', summary: "A member's grants and ledger" },
    })
    .input(memberQuotaInput)
    .output(memberQuotaOutput)
    .query(({ ctx, input }) => ctx.useCases.quota.ofMember(input)),

  compensations: ownProcedure
    .meta({
      permission: 'grants.read',
      openapi: { method: 'GET', path: '/grants/compensations', summary: 'What finance gave members, newest first' },
    })
    .input(listCompensationsInput)
    .output(compensationsOutput)
    .query(({ ctx, input }) => ctx.useCases.compensations.list(input)),

  compensate: keyedProcedure
    .meta({
      permission: 'grants.compensate',
      openapi: {
        method: 'POST',
        path: '/grants/compensations',
        summary: 'Give a member quota, or ask for a second person where it is much',
      },
    })
    .input(compensateInput)
    .output(compensatedOutput)
    .mutation(({ ctx, input }) =>
      ctx.useCases.compensations.compensate(actorOf(ctx), { ...input, idempotencyKey: ctx.idempotencyKey }),
    ),
});
