import { AppError, type CodeBatch, type CreatedCodeBatch, type Gift, type IssuedCodes } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit } from '@yunshang/db';
import type { PromotionLimits } from '../promotions/promotion.ts';
import { findBatch, listBatches, moveBatch } from './batch.store.ts';
import { createBatch, type CreateBatchInput } from './create-batch.ts';
import { issueCodes } from './issue-codes.ts';
import { redeemCode } from './redeem-code.ts';

/** Redemption codes; each use case says what it throws. CODE_BATCH_NOT_FOUND where a batch is named. */
export type Codes = {
  createBatch(actor: Actor, input: CreateBatchInput): Promise<CreatedCodeBatch>;
  issue(actor: Actor, input: { batchId: string; replace: boolean }): Promise<IssuedCodes>;
  /** No code of it can be redeemed any more; what was redeemed stays. STATE_CONFLICT when it is disabled. */
  disableBatch(actor: Actor, input: { batchId: string; reason: string }): Promise<CodeBatch>;
  getBatch(batchId: string): Promise<CodeBatch>;
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  listBatches(page: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: CodeBatch[]; nextCursor: string | null }>;
  redeem(actor: Actor, input: { code: string; idempotencyKey: string }): Promise<Gift>;
};

/** The first key hashes new codes, all find old ones. */
export type CodeKeys = readonly [Buffer, ...Buffer[]];

export function createCodes(deps: { db: Db; clock: Clock; keys: CodeKeys; limits: PromotionLimits }): Codes {
  const { db, clock, keys, limits } = deps;
  async function getBatch(batchId: string): Promise<CodeBatch> {
    const batch = await findBatch(db, batchId);
    if (batch === undefined) throw new AppError('CODE_BATCH_NOT_FOUND');
    return batch;
  }
  return {
    getBatch,
    listBatches: (page) => listBatches(db, page),
    createBatch: (actor, input) => createBatch({ db, clock, limits }, actor, input),
    issue: (actor, input) => issueCodes({ db, clock, key: keys[0] }, actor, input),
    redeem: (actor, input) => redeemCode({ db, clock, keys }, actor, input),
    disableBatch: async (actor, { batchId, reason }) => {
      await getBatch(batchId);
      const now = clock.now();
      await inTransaction(db, async (tx) => {
        if (!(await moveBatch(tx, { id: batchId, to: 'disabled', now })))
          throw new AppError('STATE_CONFLICT', { reason: 'disabled' });
        const subject = { subjectType: 'code_batch', subjectId: batchId };
        await recordAudit(tx, actor, { action: 'codes.batch_disabled', ...subject, details: { reason }, now });
      });
      return getBatch(batchId);
    },
  };
}
