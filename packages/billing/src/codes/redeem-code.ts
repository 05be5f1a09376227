import { AppError, type Gift, giftOutput } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, recordAudit, type Tx } from '@yunshang/db';
import { personOf } from '../approvals/person.ts';
import { answerOnce } from '../orders/answer-once.ts';
import { giveQuota } from '../quota/give-quota.ts';
import { getBalance } from '../quota/balance.store.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { refusalOf } from './batch.ts';
import { shareBatch } from './batch.store.ts';
import { hashCode, readCode } from './code.ts';
import { findCode, insertUse, lockCode, usesOfMember } from './code.store.ts';

/**
 * Turns a code into quota of the member, as often as the code and the batch allow, whoever else is trying at the same time. CODE_NOT_VALID
 * for what is no code of ours or must not be used (any more) – the same for all of these –, CODE_REDEEMED by this member, CODE_EXPIRED,
 * CODE_USED_UP, CODE_LIMIT_REACHED.
 */
export async function redeemCode(
  deps: { db: Db; clock: Clock; keys: readonly Buffer[] },
  actor: Actor,
  input: { code: string; idempotencyKey: string },
): Promise<Gift> {
  const userId = personOf(actor);
  const code = readCode(input.code);
  if (code === undefined) throw new AppError('CODE_NOT_VALID');
  // Looked for without locks: a guess costs one look at an index.
  const found = await findCode(
    deps.db,
    deps.keys.map((key) => hashCode(key, code)),
  );
  if (found === undefined) throw new AppError('CODE_NOT_VALID');
  return answerOnce(deps.db, deps.clock, {
    key: { userId, scope: 'codes.redeem', key: input.idempotencyKey },
    fields: [String(found.id)],
    schema: giftOutput,
    lockFirst: (tx) => lockUser(tx, userId),
    work: (tx, now) => redeem(tx, actor, { userId, codeId: found.id, batchId: found.batchId, now }),
  });
}

/** Member, then batch, then code, then grants. */
async function redeem(
  tx: Tx,
  actor: Actor,
  { userId, codeId, batchId, now }: { userId: string; codeId: number; batchId: string; now: Date },
): Promise<Gift> {
  const user = await lockUser(tx, userId);
  const batch = await shareBatch(tx, batchId);
  const code = await lockCode(tx, codeId);
  if (code === undefined) throw new AppError('CODE_NOT_VALID');
  const member = await usesOfMember(tx, { userId, batchId, codeId });
  const { status, expires_at: expiresAt, per_user_limit: perUserLimit } = batch;
  const refusal = refusalOf({ ...code, status, expiresAt, perUserLimit }, member, now);
  if (refusal !== undefined) throw new AppError(refusal);
  const useNo = code.uses + 1;
  const given = await giveQuota(tx, user, {
    source: 'promotion',
    amount: batch.quota,
    days: batch.grant_days,
    effectKey: `code:${codeId}:${useNo}`,
    cause: 'code_redeemed',
    now,
  });
  const userNo = member.usesOfBatch + 1;
  await insertUse(tx, { codeId, useNo, batchId, userId, userNo, grantId: given.grantId, now });
  await recordAudit(tx, actor, {
    action: 'codes.redeemed',
    subjectType: 'code_batch',
    subjectId: batchId,
    details: { userId, codeId, useNo, quota: batch.quota, grantId: given.grantId },
    now,
  });
  const { available } = await getBalance(tx, userId, now);
  return { title: batch.title, quota: batch.quota, expiresAt: given.expiresAt.toISOString(), available };
}
