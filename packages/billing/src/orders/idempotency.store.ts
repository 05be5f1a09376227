import { type Db, fromJson, isDuplicate, toJson, type Tx } from '@yunshang/db';
import { ATTEMPT_MS, type KeptRequest } from './idempotency.ts';

/** Whose key, for what. */
export type IdempotencyKey = { userId: string; scope: string; key: string };

/** Claims the key for a first attempt; false when it has been used. `created_at` is when the newest attempt began. */
export async function claimKey(
  tx: Tx,
  key: IdempotencyKey,
  claim: { requestHash: Buffer; resourceId: string; now: Date },
): Promise<boolean> {
  try {
    await tx
      .insertInto('idempotency_keys')
      .values({
        user_id: key.userId,
        scope: key.scope,
        idem_key: key.key,
        request_hash: claim.requestHash,
        resource_id: claim.resourceId,
        created_at: claim.now,
      })
      .execute();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

export async function findKey(db: Db, key: IdempotencyKey): Promise<KeptRequest | undefined> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'resource_id', 'answer', 'created_at'])
    .where('user_id', '=', key.userId)
    .where('scope', '=', key.scope)
    .where('idem_key', '=', key.key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { request_hash: requestHash, resource_id: resourceId, created_at: startedAt } = row;
  return { requestHash, resourceId, answer: fromJson(row.answer), startedAt };
}

/** Takes over from the attempt that began at `startedAt`; false when another has, or it has answered. */
export async function takeOver(db: Db, key: IdempotencyKey, attempt: { startedAt: Date; now: Date }): Promise<boolean> {
  const { numUpdatedRows } = await unanswered(db, key)
    .set({ created_at: attempt.now })
    .where('created_at', '=', attempt.startedAt)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Ends the attempt that began at `startedAt` without an answer: the next one may begin at once. */
export async function giveUp(db: Db, key: IdempotencyKey, startedAt: Date): Promise<void> {
  await unanswered(db, key)
    .set({ created_at: new Date(startedAt.getTime() - ATTEMPT_MS) })
    .where('created_at', '=', startedAt)
    .execute();
}

/** Keeps the answer that every later request with the key gets; false when one is kept already. */
export async function keepAnswer(tx: Tx, key: IdempotencyKey, answer: unknown): Promise<boolean> {
  const { numUpdatedRows } = await unanswered(tx, key)
    .set({ answer: toJson(answer) })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function unanswered(db: Db, key: IdempotencyKey) {
  return db
    .updateTable('idempotency_keys')
    .where('user_id', '=', key.userId)
    .where('scope', '=', key.scope)
    .where('idem_key', '=', key.key)
    .where('answer', 'is', null);
}
