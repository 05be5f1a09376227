import {
  createProviderInput,
  providerIdInput,
  providerRecordSchema,
  providerRecordsOutput,
  savedProviderOutput,
  updateProviderInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const providersRouter = router({
  list: ownProcedure
    .meta({
      permission: 'providers.read',
      openapi: { method: 'GET', path: '/providers', summary: 'Providers with their health; credentials masked' },
    })
    .output(providerRecordsOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.providers.list() })),

  get: ownProcedure
    .meta({
      permission: 'providers.read',
      openapi: { method: 'GET', path: '/providers/{providerRef}', summary: 'One provider; credentials masked' },
    })
    .input(providerIdInput)
    .output(providerRecordSchema)
    .query(({ ctx, input }) => ctx.useCases.providers.get(input.providerRef)),

  create: ownProcedure
    .meta({
      permission: 'providers.write',
      openapi: { method: 'POST', path: '/providers', summary: 'Add a provider; credentials go in and never come out' },
    })
    .input(createProviderInput)
    .output(savedProviderOutput)
    .mutation(({ ctx, input }) => ctx.useCases.providers.create(actorOf(ctx), input)),

  update: ownProcedure
    .meta({
      permission: 'providers.write',
      openapi: {
        method: 'PUT',
        path: '/providers/{providerRef}',
        summary: 'Change a provider, unless it has moved on from the revision given',
      },
    })
    .input(updateProviderInput)
    .output(savedProviderOutput)
    .mutation(({ ctx, input }) => ctx.useCases.providers.update(actorOf(ctx), input)),

  remove: ownProcedure
    .meta({
      permission: 'providers.write',
      openapi: { method: 'DELETE', path: '/providers/{providerRef}', summary: 'Delete a provider that nothing uses' },
    })
    .input(providerIdInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.providers.remove(actorOf(ctx), input.providerRef);
      return DONE;
    }),
});
