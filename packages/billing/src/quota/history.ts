import { causeText, type History, inputInvalid, type LedgerEntry, type TextFile } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { csvFile } from '../csv.ts';
import { nameGrants } from './balance.store.ts';
import { type HistoryFilter, type LedgerRow, listNewest, listOldest } from './history.store.ts';

/** What tasks were of: only the room that runs them knows. */
export type NameTasks = (taskIds: readonly string[]) => Promise<Map<string, { featureId: string; title: string }>>;

type HistoryPage = HistoryFilter & { cursor?: number | undefined; limit: number };

export type QuotaHistory = {
  /** The member's ledger, newest first. `cursor` is the seq below which to go on. */
  list(userId: string, page: HistoryPage): Promise<History>;
  /** The same as a file, oldest first. INPUT_INVALID when it would have more than 10 000 rows. */
  export(userId: string, filter: HistoryFilter): Promise<TextFile>;
};

/** Some three years of the busiest member. */
const MOST_ROWS = 10_000;

export function createQuotaHistory({ db, nameTasks }: { db: Db; nameTasks: NameTasks }): QuotaHistory {
  async function withFeatures(entries: readonly LedgerEntry[]): Promise<LedgerEntry[]> {
    const taskIds = entries.flatMap((entry) => (entry.taskId === null ? [] : [entry.taskId]));
    if (taskIds.length === 0) return [...entries];
    const tasks = await nameTasks([...new Set(taskIds)]);
    return entries.map((entry) => {
      const task = entry.taskId === null ? undefined : tasks.get(entry.taskId);
      if (task === undefined) return entry;
      return { ...entry, featureId: task.featureId, title: { zh: task.title, en: task.title } };
    });
  }
  return {
    list: async (userId, page) => {
      const { items, nextCursor } = await listHistory(db, userId, page);
      return { items: await withFeatures(items), nextCursor };
    },
    export: async (userId, filter) => {
      const rows = await listOldest(db, userId, { ...filter, limit: MOST_ROWS + 1 });
      if (rows.length > MOST_ROWS)
        throw inputInvalid('from', 'too_many', {
          zh: `超过 ${MOST_ROWS} 行，请缩小时间范围`,
          en: `more than ${MOST_ROWS} rows; narrow the time`,
        });
      const entries = await withFeatures(await toEntries(db, rows));
      return csvFile('quota-ledger.csv', [HEADER, ...entries.map(toCells)]);
    },
  };
}

/** The member's ledger, newest first, with where grants came from. `cursor` is the seq below which to go on. */
export async function listHistory(db: Db, userId: string, page: HistoryPage): Promise<History> {
  const rows = await listNewest(db, userId, { ...page, limit: page.limit + 1 });
  const items = await toEntries(db, rows.slice(0, page.limit));
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.seq ?? null) : null };
}

async function toEntries(db: Db, rows: readonly LedgerRow[]): Promise<LedgerEntry[]> {
  const grantIds = rows.flatMap((row) => (row.grant_id === null ? [] : [row.grant_id]));
  const titles = await nameGrants(db, [...new Set(grantIds)]);
  return rows.map((row) => ({
    seq: row.seq,
    kind: row.kind,
    amount: row.amount,
    balanceBefore: row.balance_before,
    balanceAfter: row.balance_after,
    cause: row.cause,
    causeText: causeText(row.cause),
    title: titles.get(row.grant_id ?? '') ?? null,
    taskId: row.task_id,
    featureId: null,
    orderId: row.order_id,
    grantId: row.grant_id,
    createdAt: row.created_at.toISOString(),
  }));
}

const KINDS = { grant: '发放', charge: '扣减', refund: '返还', expire: '到期', clawback: '收回' } as const;
const HEADER = ['序号', '时间（UTC）', '类型', '数量', '变动前', '变动后', '原因', '名称', '任务', '订单', '额度'];

function toCells(entry: LedgerEntry): (string | number | null)[] {
  const { seq, createdAt, kind, amount, balanceBefore, balanceAfter, title, taskId, orderId, grantId } = entry;
  const words = [KINDS[kind], amount, balanceBefore, balanceAfter, entry.causeText.zh, title?.zh ?? null];
  return [seq, createdAt, ...words, taskId, orderId, grantId];
}
