import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** What the product tells a member. */
export type NoticeCalls = {
  notices: {
    /** Mine, newest first; `unread` counts all of them. `nextCursor` is the next page's `cursor`, null at the end. */
    list(page?: t.NoticeFilter, options?: t.CallOptions): Promise<t.NoticePage>;
    /** Marks mine up to that one, the newest that was shown, as read. Again is harmless. */
    read(upTo: string, options?: t.CallOptions): Promise<{ unread: number }>;
  };
};

export function noticesOf({ call }: Connection): NoticeCalls {
  return {
    notices: {
      list: (page = {}, options) => call((trpc, o) => trpc.notices.list.query(page, o), reading(options)),
      read: (upTo, options) => call((trpc, o) => trpc.notices.read.mutate({ upTo }, o), writing(options)),
    },
  };
}
