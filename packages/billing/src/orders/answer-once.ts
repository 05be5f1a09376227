import { AppError } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, newId, type Tx } from '@yunshang/db';
import type { z } from 'zod';
import { hashRequest, judgeReplay } from './idempotency.ts';
import { claimKey, findKey, type IdempotencyKey, keepAnswer } from './idempotency.store.ts';

/**
 * Does work that fits into one transaction once for a key, and gives the first answer again afterwards. IDEMPOTENCY_KEY_REUSED for another
 * request under the same key. Work that throws leaves the key unused.
 */
export async function answerOnce<T>(
  db: Db,
  clock: Clock,
  request: {
    key: IdempotencyKey;
    /** Locks the work needs of the key's own member: they come before the key, whose row shares a lock on the member's. */
    lockFirst?: (tx: Tx) => Promise<unknown>;
    /** What the request says, in a fixed order. */
    fields: readonly string[];
    schema: z.ZodType<T>;
    work: (tx: Tx, now: Date) => Promise<T>;
  },
): Promise<T> {
  const { key, schema, work } = request;
  const hash = hashRequest(request.fields);
  const answer = await inTransaction(db, async (tx) => {
    const now = clock.now();
    await request.lockFirst?.(tx);
    if (!(await claimKey(tx, key, { requestHash: hash, resourceId: newId(), now }))) return undefined;
    const made = await work(tx, now);
    await keepAnswer(tx, key, made);
    return { made };
  });
  if (answer !== undefined) return answer.made;
  const kept = await findKey(db, key);
  if (kept === undefined) throw new AppError('IDEMPOTENCY_IN_FLIGHT', { retryAfterSeconds: 1 });
  const replay = judgeReplay(kept, { hash, now: clock.now() });
  if (replay.kind === 'answered') return schema.parse(replay.answer);
  if (replay.kind === 'other_request') throw new AppError('IDEMPOTENCY_KEY_REUSED');
  throw new AppError('IDEMPOTENCY_IN_FLIGHT', { retryAfterSeconds: 1 });
}
