import type { LedgerKind } from '@yunshang/contracts';
import type { Db, QuotaLogsTable } from '@yunshang/db';
import type { Selectable } from 'kysely';

export type HistoryFilter = {
  kind?: LedgerKind | undefined;
  /** From this instant, and before that one. */
  from?: string | undefined;
  to?: string | undefined;
};
export type LedgerRow = Selectable<QuotaLogsTable>;

function rowsOf(db: Db, userId: string, { kind, from, to }: HistoryFilter) {
  let query = db.selectFrom('quota_logs').selectAll().where('user_id', '=', userId);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (from !== undefined) query = query.where('created_at', '>=', new Date(from));
  if (to !== undefined) query = query.where('created_at', '<', new Date(to));
  return query;
}

/** The newest first, below `cursor`. */
export function listNewest(
  db: Db,
  userId: string,
  page: HistoryFilter & { cursor?: number | undefined; limit: number },
): Promise<LedgerRow[]> {
  let query = rowsOf(db, userId, page);
  if (page.cursor !== undefined) query = query.where('seq', '<', page.cursor);
  return query.orderBy('seq', 'desc').limit(page.limit).execute();
}

/** The oldest first, as a ledger is read. */
export function listOldest(db: Db, userId: string, page: HistoryFilter & { limit: number }): Promise<LedgerRow[]> {
  return rowsOf(db, userId, page).orderBy('seq').limit(page.limit).execute();
}
