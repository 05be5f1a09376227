import {
  approvalSchema,
  createFeatureInput,
  definitionFeatureInput,
  definitionsFileSchema,
  featureDetailOutput,
  featureRecordsOutput,
  importInput,
  importOutput,
  publishVersionInput,
  requestExceptionInput,
  saveDraftInput,
  savedFeatureOutput,
  savedVersionOutput,
  updateFeatureInput,
  versionIdInput,
  versionOutput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

const VERSION = '/definitions/features/{featureId}/{kind}/{version}';

export const definitionsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'definitions.read',
      openapi: { method: 'GET', path: '/definitions/features', summary: 'Every feature as operators see it' },
    })
    .output(featureRecordsOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.definitions.listFeatures() })),

  get: ownProcedure
    .meta({
      permission: 'definitions.read',
      openapi: {
        method: 'GET',
        path: '/definitions/features/{featureId}',
        summary: 'A feature with the versions of its form and pipeline',
      },
    })
    .input(definitionFeatureInput)
    .output(featureDetailOutput)
    .query(({ ctx, input }) => ctx.useCases.definitions.getFeature(input.featureId)),

  create: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: { method: 'POST', path: '/definitions/features', summary: 'Create a feature; its id is taken for ever' },
    })
    .input(createFeatureInput)
    .output(savedFeatureOutput)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.createFeature(actorOf(ctx), input)),

  update: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: {
        method: 'PUT',
        path: '/definitions/features/{featureId}',
        summary: 'Change a feature, unless it has moved on from the revision given',
      },
    })
    .input(updateFeatureInput)
    .output(savedFeatureOutput)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.updateFeature(actorOf(ctx), input)),

  remove: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: {
        method: 'DELETE',
        path: '/definitions/features/{featureId}',
        summary: 'Delete a feature; its row and its tasks stay',
      },
    })
    .input(definitionFeatureInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.definitions.deleteFeature(actorOf(ctx), input.featureId);
      return DONE;
    }),

  requestException: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: {
        method: 'POST',
        path: '/definitions/features/{featureId}/exceptions',
        summary: 'Ask a second person to let a feature be free, or cost more than it brings in, for a time',
      },
    })
    .input(requestExceptionInput)
    .output(approvalSchema)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.requestException(actorOf(ctx), input)),

  saveDraft: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: {
        method: 'PUT',
        path: '/definitions/features/{featureId}/{kind}/draft',
        summary: 'Keep a form or pipeline as the open draft, or as a new version',
      },
    })
    .input(saveDraftInput)
    .output(savedVersionOutput)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.saveDraft(actorOf(ctx), input)),

  version: ownProcedure
    .meta({
      permission: 'definitions.read',
      openapi: { method: 'GET', path: VERSION, summary: 'One version of a form or pipeline' },
    })
    .input(versionIdInput)
    .output(versionOutput)
    .query(({ ctx, input }) => ctx.useCases.definitions.getVersion(input)),

  publish: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: { method: 'POST', path: `${VERSION}/publish`, summary: 'Publish a draft; it never changes after' },
    })
    .input(publishVersionInput)
    .output(savedVersionOutput)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.publish(actorOf(ctx), input)),

  archive: ownProcedure
    .meta({
      permission: 'definitions.write',
      openapi: { method: 'POST', path: `${VERSION}/archive`, summary: 'Take a published version out of use' },
    })
    .input(versionIdInput)
    .output(savedVersionOutput)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.archive(actorOf(ctx), input)),

  export: ownProcedure
    .meta({
      permission: 'definitions.read',
      openapi: { method: 'GET', path: '/definitions/export', summary: 'Everything in one file, without secrets' },
    })
    .output(definitionsFileSchema)
    .query(({ ctx }) => ctx.useCases.definitions.exportAll()),

  import: ownProcedure
    .meta({
      permission: 'definitions.import',
      openapi: {
        method: 'POST',
        path: '/definitions/import',
        summary: 'Make everything as in a file; with dryRun, only show the difference',
      },
    })
    .input(importInput)
    .output(importOutput)
    .mutation(({ ctx, input }) => ctx.useCases.definitions.importAll(actorOf(ctx), input)),
});
