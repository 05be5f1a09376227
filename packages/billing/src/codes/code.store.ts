import type { Db, Tx } from '@yunshang/db';

/** Rows of one INSERT: 10 000 codes in ten statements of some 60 kB. */
const ROWS_AT_ONCE = 1_000;

export async function insertCodes(
  tx: Tx,
  codes: { batchId: string; hashes: readonly Buffer[]; maxUses: number },
): Promise<void> {
  for (let from = 0; from < codes.hashes.length; from += ROWS_AT_ONCE)
    await tx
      .insertInto('redemption_codes')
      .values(
        codes.hashes
          .slice(from, from + ROWS_AT_ONCE)
          .map((hash) => ({ batch_id: codes.batchId, code_hash: hash, max_uses: codes.maxUses })),
      )
      .execute();
}

/** Of a locked batch; returns whether none had been redeemed. Otherwise nothing is deleted. */
export async function deleteUnusedCodes(tx: Tx, batchId: string): Promise<boolean> {
  const used = await tx
    .selectFrom('code_uses')
    .select('code_id')
    .where('batch_id', '=', batchId)
    .limit(1)
    .executeTakeFirst();
  if (used !== undefined) return false;
  await tx.deleteFrom('redemption_codes').where('batch_id', '=', batchId).execute();
  return true;
}

/** The code that one of these hashes is kept of; each is made with another key. */
export async function findCode(
  db: Db,
  hashes: readonly Buffer[],
): Promise<{ id: number; batchId: string } | undefined> {
  const row = await db
    .selectFrom('redemption_codes')
    .select(['id', 'batch_id'])
    .where('code_hash', 'in', hashes)
    .executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, batchId: row.batch_id };
}

/** Locks a code until the transaction ends; its member's row is locked before it. Undefined when it has been replaced. */
export async function lockCode(tx: Tx, id: number): Promise<{ uses: number; maxUses: number } | undefined> {
  const row = await tx
    .selectFrom('redemption_codes')
    .select(['uses', 'max_uses'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : { uses: row.uses, maxUses: row.max_uses };
}

/** What a locked member has redeemed of a batch. */
export async function usesOfMember(
  tx: Tx,
  member: { userId: string; batchId: string; codeId: number },
): Promise<{ usesOfBatch: number; hasUsedThis: boolean }> {
  const rows = await tx
    .selectFrom('code_uses')
    .select('code_id')
    .where('user_id', '=', member.userId)
    .where('batch_id', '=', member.batchId)
    .execute();
  return { usesOfBatch: rows.length, hasUsedThis: rows.some((row) => row.code_id === member.codeId) };
}

/** Counts one use of a locked code and writes what it gave. */
export async function insertUse(
  tx: Tx,
  use: { codeId: number; useNo: number; batchId: string; userId: string; userNo: number; grantId: string; now: Date },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('redemption_codes')
    .set({ uses: use.useNo })
    .where('id', '=', use.codeId)
    .where('uses', '=', use.useNo - 1)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error('the code was used although its row is locked');
  await tx
    .insertInto('code_uses')
    .values({
      code_id: use.codeId,
      use_no: use.useNo,
      batch_id: use.batchId,
      user_id: use.userId,
      user_no: use.userNo,
      grant_id: use.grantId,
      created_at: use.now,
    })
    .execute();
}
