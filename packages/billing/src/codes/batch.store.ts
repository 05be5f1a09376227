import type { CodeBatch, CodeBatchBody, CodeBatchStatus } from '@yunshang/contracts';
import type { CodeBatchesTable, Db, Tx } from '@yunshang/db';
import { type Selectable, sql } from 'kysely';
import { statesBefore } from './batch.ts';

export type NewBatch = {
  id: string;
  body: CodeBatchBody;
  createdBy: string;
  approvalId: string | null;
  now: Date;
};

export async function insertBatch(tx: Tx, { id, body, createdBy, approvalId, now }: NewBatch): Promise<void> {
  await tx
    .insertInto('code_batches')
    .values({
      id,
      title: body.title,
      quota: body.quota,
      grant_days: body.grantDays,
      code_count: body.codeCount,
      uses_per_code: body.usesPerCode,
      per_user_limit: body.perUserLimit,
      expires_at: new Date(body.expiresAt),
      status: 'ready',
      created_by: createdBy,
      approval_id: approvalId,
      created_at: now,
    })
    .execute();
}

export async function findBatch(db: Db, id: string): Promise<CodeBatch | undefined> {
  const row = await db.selectFrom('code_batches').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  return toBatch(row, await countUses(db, [id]));
}

/** The newest first. */
export async function listBatches(
  db: Db,
  page: { cursor?: string | undefined; limit: number },
): Promise<{ items: CodeBatch[]; nextCursor: string | null }> {
  let query = db.selectFrom('code_batches').selectAll().orderBy('id', 'desc');
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const found = await query.limit(page.limit + 1).execute();
  const rows = found.slice(0, page.limit);
  const uses = await countUses(
    db,
    rows.map((row) => row.id),
  );
  const items = rows.map((row) => toBatch(row, uses));
  return { items, nextCursor: found.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/** How often codes of these batches were redeemed. */
async function countUses(db: Db, batchIds: readonly string[]): Promise<Map<string, number>> {
  if (batchIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('code_uses')
    .select((eb) => ['batch_id', eb.fn.countAll<number>().as('uses')])
    .where('batch_id', 'in', batchIds)
    .groupBy('batch_id')
    .execute();
  return new Map(rows.map((row) => [row.batch_id, row.uses]));
}

/** Locks a batch until the transaction ends: nothing of it is redeemed meanwhile. */
export async function lockBatch(tx: Tx, id: string): Promise<Selectable<CodeBatchesTable> | undefined> {
  return tx.selectFrom('code_batches').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
}

/** The same for many at once, who all want it to stay as it is. */
export async function shareBatch(tx: Tx, id: string): Promise<Selectable<CodeBatchesTable>> {
  const query = tx.selectFrom('code_batches').selectAll().where('id', '=', id);
  // MariaDB has no FOR SHARE.
  return query.modifyEnd(sql`LOCK IN SHARE MODE`).executeTakeFirstOrThrow();
}

/** False when it is in no state from which it can move there. */
export async function moveBatch(
  tx: Tx,
  move: { id: string; to: Exclude<CodeBatchStatus, 'ready'>; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('code_batches')
    .set({
      status: move.to,
      ...(move.to === 'issued' ? { issued_at: move.now } : { disabled_at: move.now }),
    })
    .where('id', '=', move.id)
    .where('status', 'in', statesBefore(move.to))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function toBatch(row: Selectable<CodeBatchesTable>, uses: ReadonlyMap<string, number>): CodeBatch {
  return {
    id: row.id,
    title: row.title,
    quota: row.quota,
    grantDays: row.grant_days,
    codeCount: row.code_count,
    usesPerCode: row.uses_per_code,
    perUserLimit: row.per_user_limit,
    expiresAt: row.expires_at.toISOString(),
    status: row.status,
    uses: uses.get(row.id) ?? 0,
    createdBy: row.created_by,
    approvalId: row.approval_id,
    createdAt: row.created_at.toISOString(),
    issuedAt: row.issued_at?.toISOString() ?? null,
    disabledAt: row.disabled_at?.toISOString() ?? null,
  };
}
