import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** Invoices (fapiao): members keep titles and ask, finance and admins issue. Sums are integer fen. */
export type FapiaoCalls = {
  fapiao: {
    /** My titles, newest first. */
    titles(options?: t.CallOptions): Promise<t.FapiaoTitle[]>;
    /** `taxNo` is a company's 18-character unified social credit code. Rejects: INPUT_INVALID, STATE_CONFLICT above 20 titles. */
    addTitle(input: t.AddFapiaoTitle, options?: t.CallOptions): Promise<t.FapiaoTitle>;
    /** What was asked for with it stays. Rejects: FAPIAO_TITLE_NOT_FOUND. */
    removeTitle(titleId: string, options?: t.CallOptions): Promise<void>;
    /**
     * Asks for one of an order of mine, for what was paid less what went back. Again with the same title gives the same one. Rejects:
     * STATE_CONFLICT (details.reason: nothing_paid, order_refunding, fapiao_exists), ORDER_NOT_FOUND, FAPIAO_TITLE_NOT_FOUND.
     */
    request(input: t.RequestFapiao, options?: t.CallOptions): Promise<t.Fapiao>;
    /** Mine, newest first; `nextCursor` is the next page's `cursor`, null at the end. */
    list(page?: t.FapiaoPages, options?: t.CallOptions): Promise<t.FapiaoPage>;
    /** A signed address of the file and when it stops working. Rejects: FAPIAO_NOT_FOUND, also while nothing is issued. */
    file(fapiaoId: string, which?: 'blue' | 'red', options?: t.CallOptions): Promise<t.Download>;
    /** Of all members. Finance, auditors and admins. */
    search(filter?: t.FapiaoFilter, options?: t.CallOptions): Promise<t.FapiaoPage>;
    /** Takes a request up. Finance and admins. Rejects: STATE_CONFLICT, FAPIAO_NOT_FOUND. */
    begin(fapiaoId: string, options?: t.CallOptions): Promise<t.Fapiao>;
    /** Records what was issued. Rejects: INPUT_INVALID when the file is not in the bucket, STATE_CONFLICT, FAPIAO_NOT_FOUND. */
    issue(input: t.IssueFapiao, options?: t.CallOptions): Promise<t.Fapiao>;
    /** Records the red one that takes an issued one back. Rejects as `issue`. */
    redFlush(input: t.IssueFapiao, options?: t.CallOptions): Promise<t.Fapiao>;
    /** Refuses a request of which nothing was issued. Rejects: STATE_CONFLICT, FAPIAO_NOT_FOUND. */
    reject(input: t.RejectFapiao, options?: t.CallOptions): Promise<t.Fapiao>;
  };
};

export function fapiaoOf({ call }: Connection): FapiaoCalls {
  return {
    fapiao: {
      titles: async (options) =>
        (await call((trpc, o) => trpc.fapiao.titles.query(undefined, o), reading(options))).items,
      addTitle: (input, options) => call((trpc, o) => trpc.fapiao.addTitle.mutate(input, o), writing(options)),
      removeTitle: async (titleId, options) => {
        await call((trpc, o) => trpc.fapiao.removeTitle.mutate({ titleId }, o), writing(options));
      },
      request: (input, options) => call((trpc, o) => trpc.fapiao.request.mutate(input, o), writing(options)),
      list: (page = {}, options) => call((trpc, o) => trpc.fapiao.list.query(page, o), reading(options)),
      file: (fapiaoId, which = 'blue', options) =>
        call((trpc, o) => trpc.fapiao.file.query({ fapiaoId, which }, o), reading(options)),
      search: (filter = {}, options) => call((trpc, o) => trpc.fapiao.search.query(filter, o), reading(options)),
      begin: (fapiaoId, options) => call((trpc, o) => trpc.fapiao.begin.mutate({ fapiaoId }, o), writing(options)),
      issue: (input, options) => call((trpc, o) => trpc.fapiao.issue.mutate(input, o), writing(options)),
      redFlush: (input, options) => call((trpc, o) => trpc.fapiao.redFlush.mutate(input, o), writing(options)),
      reject: (input, options) => call((trpc, o) => trpc.fapiao.reject.mutate(input, o), writing(options)),
    },
  };
}
