import {
  auditEntriesOutput,
  auditVerificationSchema,
  auditVerificationsOutput,
  listAuditInput,
  verifyAuditInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const auditRouter = router({
  list: ownProcedure
    .meta({
      permission: 'audit.read',
      openapi: { method: 'GET', path: '/audit/log', summary: 'Who did what, newest first' },
    })
    .input(listAuditInput)
    .output(auditEntriesOutput)
    .query(({ ctx, input }) => ctx.useCases.audit.list(input)),

  verify: ownProcedure
    .meta({
      permission: 'audit.verify',
      openapi: {
        method: 'POST',
        path: '/audit/verifications',
        summary: 'Have a worker prove that nothing in the log was changed, removed or put in',
      },
    })
    .input(verifyAuditInput)
    .output(auditVerificationSchema)
    .mutation(({ ctx, input }) => ctx.useCases.audit.request(actorOf(ctx), input)),

  verifications: ownProcedure
    .meta({
      permission: 'audit.read',
      openapi: { method: 'GET', path: '/audit/verifications', summary: 'Proofs and what came of them, newest first' },
    })
    .output(auditVerificationsOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.audit.verifications() })),
});
