import type { FapiaoTitle } from '@yunshang/contracts';
import { type Db, type FapiaoTitlesTable, newId, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';

export type NewTitle = { userId: string; title: Pick<FapiaoTitle, 'kind' | 'name' | 'taxNo'>; now: Date };

export async function insertTitle(tx: Tx, { userId, title, now }: NewTitle): Promise<FapiaoTitle> {
  const id = newId();
  const { kind, name, taxNo } = title;
  await tx
    .insertInto('fapiao_titles')
    .values({ id, user_id: userId, kind, name, tax_no: taxNo, created_at: now })
    .execute();
  return { id, kind, name, taxNo, createdAt: now.toISOString() };
}

/** The member's titles, the newest first; they are few. */
export async function listTitles(db: Db, userId: string): Promise<FapiaoTitle[]> {
  const rows = await db
    .selectFrom('fapiao_titles')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toTitle);
}

export async function findTitle(db: Db, of: { userId: string; titleId: string }): Promise<FapiaoTitle | undefined> {
  const row = await db
    .selectFrom('fapiao_titles')
    .selectAll()
    .where('id', '=', of.titleId)
    .where('user_id', '=', of.userId)
    .executeTakeFirst();
  return row === undefined ? undefined : toTitle(row);
}

/** False when the member has no such title. */
export async function deleteTitle(tx: Tx, of: { userId: string; titleId: string }): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('fapiao_titles')
    .where('id', '=', of.titleId)
    .where('user_id', '=', of.userId)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

function toTitle(row: Selectable<FapiaoTitlesTable>): FapiaoTitle {
  return { id: row.id, kind: row.kind, name: row.name, taxNo: row.tax_no, createdAt: row.created_at.toISOString() };
}
