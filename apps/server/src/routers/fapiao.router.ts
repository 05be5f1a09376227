import {
  addFapiaoTitleInput,
  fapiaoFileInput,
  fapiaoFileOutput,
  fapiaoIdInput,
  fapiaoPageOutput,
  fapiaoSchema,
  fapiaoTitleIdInput,
  fapiaoTitleSchema,
  fapiaoTitlesOutput,
  issueFapiaoInput,
  listFapiaoInput,
  rejectFapiaoInput,
  requestFapiaoInput,
  searchFapiaoInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const fapiaoRouter = router({
  titles: ownProcedure
    .meta({
      permission: 'fapiao.own',
      openapi: { method: 'GET', path: '/fapiao/titles', summary: 'My titles, newest first' },
    })
    .output(fapiaoTitlesOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.fapiao.listTitles(ctx.caller.userId) })),

  addTitle: ownProcedure
    .meta({
      permission: 'fapiao.own',
      openapi: { method: 'POST', path: '/fapiao/titles', summary: 'Keep a title, of a person or a company' },
    })
    .input(addFapiaoTitleInput)
    .output(fapiaoTitleSchema)
    .mutation(({ ctx, input }) => ctx.useCases.fapiao.addTitle(ctx.caller.userId, input)),

  removeTitle: ownProcedure
    .meta({
      permission: 'fapiao.own',
      openapi: { method: 'DELETE', path: '/fapiao/titles/{titleId}', summary: 'Forget a title' },
    })
    .input(fapiaoTitleIdInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.fapiao.removeTitle(ctx.caller.userId, input.titleId);
      return DONE;
    }),

  request: ownProcedure
    .meta({
      permission: 'fapiao.own',
      openapi: { method: 'POST', path: '/fapiao', summary: 'Ask for the fapiao of one of my orders' },
    })
    .input(requestFapiaoInput)
    .output(fapiaoSchema)
    .mutation(({ ctx, input }) => ctx.useCases.fapiao.request(actorOf(ctx), { userId: ctx.caller.userId, ...input })),

  list: ownProcedure
    .meta({
      permission: 'fapiao.own',
      openapi: { method: 'GET', path: '/fapiao', summary: 'My fapiao, newest first' },
    })
    .input(listFapiaoInput)
    .output(fapiaoPageOutput)
    .query(({ ctx, input }) => ctx.useCases.fapiao.list(ctx.caller.userId, input)),

  file: ownProcedure
    .meta({
      permission: 'fapiao.own',
      openapi: { method: 'GET', path: '/fapiao/{fapiaoId}/file', summary: 'Where the file of one of mine is' },
    })
    .input(fapiaoFileInput)
    .output(fapiaoFileOutput)
    .query(({ ctx, input }) => ctx.useCases.fapiao.file(ctx.caller.userId, input)),

  search: ownProcedure
    .meta({
      permission: 'orders.read_all',
      openapi: { method: 'GET', path: '/fapiao/all', summary: 'Fapiao of all members, newest first' },
    })
    .input(searchFapiaoInput)
    .output(fapiaoPageOutput)
    .query(({ ctx, input }) => ctx.useCases.fapiao.search(input)),

  begin: ownProcedure
    .meta({
      permission: 'fapiao.manage',
      openapi: { method: 'POST', path: '/fapiao/{fapiaoId}/begin', summary: 'Take a request up' },
    })
    .input(fapiaoIdInput)
    .output(fapiaoSchema)
    .mutation(({ ctx, input }) => ctx.useCases.fapiao.begin(actorOf(ctx), input.fapiaoId)),

  issue: ownProcedure
    .meta({
      permission: 'fapiao.manage',
      openapi: { method: 'POST', path: '/fapiao/{fapiaoId}/issue', summary: 'Record what was issued' },
    })
    .input(issueFapiaoInput)
    .output(fapiaoSchema)
    .mutation(({ ctx, input }) => ctx.useCases.fapiao.issue(actorOf(ctx), input)),

  redFlush: ownProcedure
    .meta({
      permission: 'fapiao.manage',
      openapi: {
        method: 'POST',
        path: '/fapiao/{fapiaoId}/red-flush',
        summary: 'Record the red one that takes it back',
      },
    })
    .input(issueFapiaoInput)
    .output(fapiaoSchema)
    .mutation(({ ctx, input }) => ctx.useCases.fapiao.redFlush(actorOf(ctx), input)),

  reject: ownProcedure
    .meta({
      permission: 'fapiao.manage',
      openapi: { method: 'POST', path: '/fapiao/{fapiaoId}/reject', summary: 'Refuse a request; nothing was issued' },
    })
    .input(rejectFapiaoInput)
    .output(fapiaoSchema)
    .mutation(({ ctx, input }) => ctx.useCases.fapiao.reject(actorOf(ctx), input)),
});
