import { type Db, isDuplicate } from '@yunshang/db';
import type { AnchorLine } from './anchor.ts';

/** Writes the anchor; false when its number is taken. */
export async function insertAnchor(db: Db, anchor: AnchorLine & { block: number; at: Date }): Promise<boolean> {
  try {
    await db
      .insertInto('audit_anchors')
      .values({ n: anchor.n, block_seq: anchor.block, line: anchor.line, made_at: anchor.at })
      .execute();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** The newest anchor. */
export async function findLastAnchor(db: Db): Promise<(AnchorLine & { block: number; at: Date }) | undefined> {
  const row = await db
    .selectFrom('audit_anchors')
    .selectAll()
    .where('n', '=', (eb) => eb.selectFrom('audit_anchors').select((agg) => agg.fn.max('n').as('n')))
    .executeTakeFirst();
  return row === undefined ? undefined : { n: row.n, line: row.line, block: row.block_seq, at: row.made_at };
}

/** The last anchor that was made at or before this time. */
export async function findAnchorBefore(db: Db, time: Date): Promise<{ n: number; block: number } | undefined> {
  const row = await db
    .selectFrom('audit_anchors')
    .select(['n', 'block_seq'])
    .where('made_at', '<=', time)
    .orderBy('n', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { n: row.n, block: row.block_seq };
}

/** Anchors behind number `after`, in order. */
export async function listAnchors(
  db: Db,
  { after, limit }: { after: number; limit: number },
): Promise<(AnchorLine & { block: number; at: Date })[]> {
  const rows = await db
    .selectFrom('audit_anchors')
    .selectAll()
    .where('n', '>', after)
    .where('n', '<=', after + limit)
    .orderBy('n')
    .execute();
  return rows.map((row) => ({ n: row.n, line: row.line, block: row.block_seq, at: row.made_at }));
}
