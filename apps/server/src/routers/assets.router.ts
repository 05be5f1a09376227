import {
  assetsOutput,
  deleteAssetInput,
  downloadAssetInput,
  downloadAssetOutput,
  downloadUnlabelledInput,
  LABEL_STATEMENT,
  labelStatementOutput,
  listAssetsInput,
} from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const assetsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'assets.own',
      openapi: { method: 'GET', path: '/assets', summary: 'My pictures, newest first' },
    })
    .input(listAssetsInput)
    .output(assetsOutput)
    .query(({ ctx, input }) => ctx.useCases.assets.list(ctx.caller.userId, input)),

  download: ownProcedure
    .meta({
      permission: 'assets.own',
      openapi: { method: 'GET', path: '/assets/{assetId}/download', summary: 'A signed address to download a picture' },
    })
    .input(downloadAssetInput)
    .output(downloadAssetOutput)
    .query(({ ctx, input }) => ctx.useCases.assets.download(ctx.caller.userId, input.assetId)),

  labelStatement: ownProcedure
    .meta({
      permission: 'assets.own',
      openapi: {
        method: 'GET',
        path: '/assets/label-statement',
        summary: 'What one accepts who wants a file without its visible label',
      },
    })
    .output(labelStatementOutput)
    .query(() => LABEL_STATEMENT),

  downloadUnlabelled: ownProcedure
    .meta({
      permission: 'assets.own',
      openapi: {
        method: 'POST',
        path: '/assets/{assetId}/download-unlabelled',
        summary: 'An address of the file without its visible label, once the statement is accepted',
      },
    })
    .input(downloadUnlabelledInput)
    .output(downloadAssetOutput)
    .mutation(({ ctx, input }) => ctx.useCases.assets.downloadUnlabelled(ctx.caller.userId, input)),

  remove: ownProcedure
    .meta({
      permission: 'assets.own',
      openapi: { method: 'DELETE', path: '/assets/{assetId}', summary: 'Delete a picture for good' },
    })
    .input(deleteAssetInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.assets.remove(ctx.caller.userId, input.assetId);
      return DONE;
    }),
});
