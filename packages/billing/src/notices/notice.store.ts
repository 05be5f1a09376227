import type { Notice } from '@yunshang/contracts';
import { fromJson, newId, toJson, type Db, type Tx } from '@yunshang/db';
import { z } from 'zod';
import { noticeText } from './wording.ts';

const kindSchema = z.enum(['low_quota']);
const detailsSchema = z.object({ available: z.int() });

export type NoticesPage = { cursor?: string | undefined; limit: number };

/** A member's notices, the newest first, and how many of all are not read. */
export async function listNotices(
  db: Db,
  userId: string,
  page: NoticesPage,
): Promise<{ items: Notice[]; unread: number; nextCursor: string | null }> {
  let query = db.selectFrom('notices').selectAll().where('user_id', '=', userId).orderBy('id', 'desc');
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const [rows, unread] = await Promise.all([query.limit(page.limit + 1).execute(), countUnread(db, userId)]);
  const items = rows.slice(0, page.limit).map((row) => {
    const details = detailsSchema.parse(fromJson(row.details));
    return {
      id: row.id,
      kind: kindSchema.parse(row.kind),
      ...noticeText(details),
      details,
      createdAt: row.created_at.toISOString(),
      readAt: row.read_at?.toISOString() ?? null,
    };
  });
  return { items, unread, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

async function countUnread(db: Db, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('notices')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}

/** Reads the member's notices up to that one. Returns how many are left. */
export async function readNotices(db: Db, userId: string, { upTo, now }: { upTo: string; now: Date }): Promise<number> {
  await db
    .updateTable('notices')
    .set({ read_at: now })
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .where('id', '<=', upTo)
    .execute();
  return countUnread(db, userId);
}

type Told = { userId: string; available: number };
type Period = { day: string; now: Date };

/** One a member and day, however often it is asked for. Returns how many are new. */
export async function insertLowQuota(db: Db, members: readonly Told[], period: Period): Promise<number> {
  if (members.length === 0) return 0;
  const rows = members.map((member) => rowOf(member, period));
  const { numInsertedOrUpdatedRows = 0n } = await db.insertInto('notices').ignore().values(rows).executeTakeFirst();
  return Number(numInsertedOrUpdatedRows);
}

/** The same with a text that wants to be sent. Returns the ids of those that are new. */
export async function insertTexts(tx: Tx, members: readonly Told[], period: Period): Promise<string[]> {
  const rows = members.map((member) => ({ ...rowOf(member, period), sms: 'wanted' as const, sms_at: period.now }));
  await tx.insertInto('notices').ignore().values(rows).execute();
  const ids = rows.map(({ id }) => id);
  const kept = await tx.selectFrom('notices').select('id').where('id', 'in', ids).execute();
  return kept.map(({ id }) => id);
}

function rowOf({ userId, available }: Told, { day, now }: Period) {
  return {
    id: newId(),
    user_id: userId,
    kind: 'low_quota' as const,
    dedup_key: `low_quota:${userId}:${day}`,
    details: toJson({ available }),
    created_at: now,
  };
}
