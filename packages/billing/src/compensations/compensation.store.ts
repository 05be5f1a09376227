import type { Compensation } from '@yunshang/contracts';
import type { CompensationsTable, Db, Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';

export async function insertCompensation(
  tx: Tx,
  compensation: Omit<Compensation, 'createdAt'> & { now: Date },
): Promise<void> {
  await tx
    .insertInto('compensations')
    .values({
      id: compensation.id,
      user_id: compensation.userId,
      amount: compensation.amount,
      grant_days: compensation.days,
      reason: compensation.reason,
      given_by: compensation.givenBy,
      approval_id: compensation.approvalId,
      grant_id: compensation.grantId,
      created_at: compensation.now,
    })
    .execute();
}

/** Units that a person, whose row is locked, has given by themselves since then; with `userId`, to that member. */
export async function sumGivenAlone(tx: Tx, given: { by: string; since: Date; userId?: string }): Promise<number> {
  let query = tx
    .selectFrom('compensations')
    .select('amount')
    .where('given_by', '=', given.by)
    .where('created_at', '>', given.since)
    .where('approval_id', 'is', null);
  if (given.userId !== undefined) query = query.where('user_id', '=', given.userId);
  return (await query.execute()).reduce((sum, row) => sum + row.amount, 0);
}

/** The newest first; with `userId`, that member's. */
export async function listCompensations(
  db: Db,
  page: { userId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: Compensation[]; nextCursor: string | null }> {
  let query = db.selectFrom('compensations').selectAll().orderBy('id', 'desc');
  if (page.userId !== undefined) query = query.where('user_id', '=', page.userId);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toCompensation);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

function toCompensation(row: Selectable<CompensationsTable>): Compensation {
  return {
    id: row.id,
    userId: row.user_id,
    amount: row.amount,
    days: row.grant_days,
    reason: row.reason,
    givenBy: row.given_by,
    approvalId: row.approval_id,
    grantId: row.grant_id,
    createdAt: row.created_at.toISOString(),
  };
}
