import { AppError, type CodeBatch, type IssuedCodes } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit, type Tx } from '@yunshang/db';
import { csvFile } from '../csv.ts';
import { findBatch, lockBatch, moveBatch } from './batch.store.ts';
import { hashCode, newCode } from './code.ts';
import { deleteUnusedCodes, insertCodes } from './code.store.ts';

/**
 * Makes the codes of a batch and shows them, once: only their hashes are kept. With `replace`, codes that were lost before anybody
 * redeemed one become worthless and new ones take their place. CODE_BATCH_NOT_FOUND; STATE_CONFLICT (`issued`, `disabled`, `window_over`,
 * `redeemed`).
 */
export async function issueCodes(
  deps: { db: Db; clock: Clock; key: Buffer },
  actor: Actor,
  input: { batchId: string; replace: boolean },
): Promise<IssuedCodes> {
  const { batchId } = input;
  const { batch, codes } = await inTransaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const status = await claim(tx, input, now);
    const row = await findBatch(tx, batchId);
    if (row === undefined) throw new AppError('CODE_BATCH_NOT_FOUND');
    const fresh = uniqueCodes(row.codeCount);
    const hashes = fresh.map((code) => hashCode(deps.key, code));
    await insertCodes(tx, { batchId, hashes, maxUses: row.usesPerCode });
    await recordAudit(tx, actor, {
      action: status === 'issued' ? 'codes.replaced' : 'codes.issued',
      subjectType: 'code_batch',
      subjectId: batchId,
      details: { codes: fresh.length },
      now,
    });
    return { batch: row, codes: fresh };
  });
  return { batch, codes, file: fileOf(batch, codes) };
}

/** Moves the locked batch to `issued`; says what it was before. */
async function claim(tx: Tx, { batchId, replace }: { batchId: string; replace: boolean }, now: Date): Promise<string> {
  const locked = await lockBatch(tx, batchId);
  if (locked === undefined) throw new AppError('CODE_BATCH_NOT_FOUND');
  const { status, expires_at: expiresAt } = locked;
  if (expiresAt <= now) throw new AppError('STATE_CONFLICT', { reason: 'window_over' });
  if (status === 'issued' && !replace) throw new AppError('STATE_CONFLICT', { reason: 'issued' });
  if (!(await moveBatch(tx, { id: batchId, to: 'issued', now })))
    throw new AppError('STATE_CONFLICT', { reason: status });
  if (status === 'issued' && !(await deleteUnusedCodes(tx, batchId)))
    throw new AppError('STATE_CONFLICT', { reason: 'redeemed' });
  return status;
}

function uniqueCodes(count: number): string[] {
  const codes = new Set<string>();
  while (codes.size < count) codes.add(newCode());
  return [...codes];
}

function fileOf(batch: CodeBatch, codes: readonly string[]): IssuedCodes['file'] {
  const header = ['兑换码', '名称', '配额', '到账后有效天数', '兑换截止（UTC）'];
  const rows = codes.map((code) => [code, batch.title, batch.quota, batch.grantDays, batch.expiresAt]);
  return csvFile(`codes-${batch.id}.csv`, [header, ...rows]);
}
