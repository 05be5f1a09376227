import { assetsOutput, downloadAssetInput, downloadAssetOutput, listAssetsInput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

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
});
