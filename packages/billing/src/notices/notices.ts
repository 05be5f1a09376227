import type { Notice } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import { listNotices, readNotices, type NoticesPage } from './notice.store.ts';

export type Notices = {
  /** The member's own, the newest first; `unread` counts all of them. */
  list(userId: string, page: NoticesPage): Promise<{ items: Notice[]; unread: number; nextCursor: string | null }>;
  /** Marks the member's own up to that one as read. */
  read(userId: string, upTo: string): Promise<{ unread: number }>;
};

export function createNotices({ db, clock }: { db: Db; clock: Clock }): Notices {
  return {
    list: (userId, page) => listNotices(db, userId, page),
    read: async (userId, upTo) => ({ unread: await readNotices(db, userId, { upTo, now: clock.now() }) }),
  };
}
