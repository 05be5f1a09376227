import { assetSchema, beginUploadInput, beginUploadOutput, completeUploadInput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const uploadsRouter = router({
  begin: ownProcedure
    .meta({
      permission: 'uploads.own',
      openapi: { method: 'POST', path: '/uploads', summary: 'Credentials to PUT one file of this type and size' },
    })
    .input(beginUploadInput)
    .output(beginUploadOutput)
    .mutation(({ ctx, input }) => ctx.useCases.uploads.begin(ctx.caller.userId, input)),

  complete: ownProcedure
    .meta({
      permission: 'uploads.own',
      openapi: { method: 'POST', path: '/uploads/{assetId}/complete', summary: 'Check the uploaded file and keep it' },
    })
    .input(completeUploadInput)
    .output(assetSchema)
    .mutation(({ ctx, input }) => ctx.useCases.uploads.complete(ctx.caller.userId, input.assetId)),
});
