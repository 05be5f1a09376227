import {
  AppError,
  type CodeBatch,
  type CodeBatchBody,
  codeBatchBodySchema,
  type CreatedCodeBatch,
  createdCodeBatchOutput,
  inputInvalid,
} from '@yunshang/contracts';
import { type Actor, type Clock, type Db, newId, recordAudit, type Tx } from '@yunshang/db';
import { type Executor, requestApproval } from '../approvals/approvals.ts';
import { personOf } from '../approvals/person.ts';
import { answerOnce } from '../orders/answer-once.ts';
import { ALONE_MS, type PromotionLimits, takesSecondPerson, worthOfBatch } from '../promotions/promotion.ts';
import { sumAlone } from '../promotions/promotion.store.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { findBatch, insertBatch } from './batch.store.ts';

export type CreateBatchInput = CodeBatchBody & { reason: string; idempotencyKey: string };

/**
 * Makes a batch of codes that can then be issued, or asks for a second person when it, with what the same person has put out within a day,
 * could become more quota than one may give away alone. INPUT_INVALID when it would be over already.
 */
export async function createBatch(
  deps: { db: Db; clock: Clock; limits: PromotionLimits },
  actor: Actor,
  { reason, idempotencyKey, ...body }: CreateBatchInput,
): Promise<CreatedCodeBatch> {
  const userId = personOf(actor);
  return answerOnce(deps.db, deps.clock, {
    key: { userId, scope: 'codes.createBatch', key: idempotencyKey },
    fields: [JSON.stringify(body), reason],
    schema: createdCodeBatchOutput,
    lockFirst: (tx) => lockUser(tx, userId),
    work: async (tx, now) => {
      if (isOver(body, now))
        throw inputInvalid('expiresAt', 'future', { zh: '兑换截止须在将来', en: 'must be in the future' });
      const id = newId();
      const worth = worthOfBatch(body);
      const already = await sumAlone(tx, userId, new Date(now.getTime() - ALONE_MS));
      if (takesSecondPerson(deps.limits, { worth, already })) {
        const subject = { kind: 'code_batch', subjectType: 'code_batch', subjectId: id } as const;
        return { batch: null, approval: await requestApproval(tx, actor, { ...subject, payload: body, reason, now }) };
      }
      const made = { id, body, createdBy: userId, approvalId: null, now };
      return { batch: await make(tx, actor, { ...made, reason }), approval: null };
    },
  });
}

/** What an approved wish for a batch does. STATE_CONFLICT (`window_over`) when its time has passed meanwhile. */
export function batchExecutor(clock: Clock): Executor {
  return async (tx, approval, decider) => {
    const body = codeBatchBodySchema.parse(approval.payload);
    const now = clock.now();
    if (isOver(body, now)) throw new AppError('STATE_CONFLICT', { reason: 'window_over' });
    const { subjectId: id, requestedBy: createdBy, id: approvalId, reason } = approval;
    await make(tx, decider, { id, body, createdBy, approvalId, reason, now });
  };
}

async function make(
  tx: Tx,
  actor: Actor,
  { reason, ...batch }: Parameters<typeof insertBatch>[1] & { reason: string },
): Promise<CodeBatch> {
  const { id, body, createdBy, approvalId, now } = batch;
  await insertBatch(tx, batch);
  await recordAudit(tx, actor, {
    action: 'codes.batch_created',
    subjectType: 'code_batch',
    subjectId: id,
    details: { ...body, worth: worthOfBatch(body), createdBy, approvalId, reason },
    now,
  });
  const made = await findBatch(tx, id);
  if (made === undefined) throw new Error('a batch that was just made is not there');
  return made;
}

function isOver(body: CodeBatchBody, now: Date): boolean {
  return new Date(body.expiresAt) <= now;
}
