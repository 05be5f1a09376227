import type { CostEntry, CostSummary, MarginRow } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { listCostEntries, sumCosts, type CostFilter } from './cost-list.store.ts';
import { marginRows, periodOf } from './margin.ts';
import { listEarned, listSpenders, listSpent, type MarginBy, type MarginFilter } from './margin.store.ts';

export type AskMargin = {
  by: MarginBy;
  /** Days of Asia/Shanghai, both included. */
  from: string;
  to: string;
  featureId?: string | undefined;
  userId?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

export type Costs = {
  /** The newest first. */
  list(filter: CostFilter): Promise<{ items: CostEntry[]; nextCursor: number | null }>;
  /** What was posted in the period, by item. Throws INPUT_INVALID for a period that is none. */
  summary(period: { from: string; to: string }): Promise<CostSummary>;
  /**
   * What was earned and what it cost: by feature and by plan all of it, the worst first; by user in pages in the order of their ids, the
   * worst first in each. Throws INPUT_INVALID for a period that is none.
   */
  margin(ask: AskMargin): Promise<{ items: MarginRow[]; nextCursor: string | null }>;
};

/** What finance asks about costs; reads only. */
export function createCosts({ db }: { db: Db }): Costs {
  return {
    list: async (filter) => {
      const rows = await listCostEntries(db, { ...filter, limit: filter.limit + 1 });
      const items = rows.slice(0, filter.limit);
      return { items, nextCursor: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
    },
    summary: async (period) => sumCosts(db, periodOf(period)),
    margin: async (ask) => {
      const { by, userId, featureId } = ask;
      if (by !== 'user') return { items: await rowsOf(db, ask, { featureId, ...only(userId) }), nextCursor: null };
      if (userId !== undefined)
        return { items: await rowsOf(db, ask, { featureId, userIds: [userId] }), nextCursor: null };
      const users = await listSpenders(db, { after: ask.cursor, limit: ask.limit });
      const items = users.length === 0 ? [] : await rowsOf(db, ask, { featureId, userIds: users });
      return { items, nextCursor: users.length < ask.limit ? null : (users.at(-1) ?? null) };
    },
  };
}

function only(userId: string | undefined): { userIds?: string[] } {
  return userId === undefined ? {} : { userIds: [userId] };
}

async function rowsOf(db: Db, ask: AskMargin, filter: MarginFilter): Promise<MarginRow[]> {
  const period = periodOf(ask);
  const [earned, spent] = await Promise.all([
    listEarned(db, ask.by, period, filter),
    listSpent(db, ask.by, period, filter),
  ]);
  return marginRows(earned, spent);
}
