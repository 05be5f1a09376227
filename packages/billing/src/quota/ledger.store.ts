import { AppError, type LedgerKind } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';

/** A member's row as it stands under its lock: the balance and the number of the newest ledger row. */
export type LockedUser = { readonly id: string; readonly quotaRemaining: number; readonly ledgerSeq: number };

/** One movement of quota, before it has its place in the ledger. `amount` is signed. */
export type Movement = {
  kind: LedgerKind;
  amount: number;
  cause: string;
  /** Names the effect; the same effect can not be written twice. */
  effectKey: string;
  grantId?: string;
  chargeId?: string;
  taskId?: string;
  orderId?: string;
};

/** Locks the member's row until the transaction ends. Everything that moves quota or starts a period does this first. */
export async function lockUser(tx: Tx, userId: string): Promise<LockedUser> {
  const row = await tx
    .selectFrom('users')
    .select(['id', 'quota_remaining', 'ledger_seq'])
    .where('id', '=', userId)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new AppError('USER_NOT_FOUND');
  return { id: row.id, quotaRemaining: row.quota_remaining, ledgerSeq: row.ledger_seq };
}

/**
 * Writes movements into the ledger, one row each in order, and the balance they lead to. The caller changes the grants by
 * the same amounts in the same transaction. Returns the member as it stands then.
 */
export async function appendMovements(
  tx: Tx,
  user: LockedUser,
  write: { movements: readonly Movement[]; now: Date },
): Promise<LockedUser> {
  let { quotaRemaining, ledgerSeq } = user;
  const rows = write.movements.map((movement) => {
    const before = quotaRemaining;
    quotaRemaining += movement.amount;
    ledgerSeq += 1;
    return {
      user_id: user.id,
      seq: ledgerSeq,
      kind: movement.kind,
      amount: movement.amount,
      balance_before: before,
      balance_after: quotaRemaining,
      cause: movement.cause,
      effect_key: movement.effectKey,
      grant_id: movement.grantId ?? null,
      charge_id: movement.chargeId ?? null,
      task_id: movement.taskId ?? null,
      order_id: movement.orderId ?? null,
      created_at: write.now,
    };
  });
  await tx.insertInto('quota_logs').values(rows).execute();
  const { numUpdatedRows } = await tx
    .updateTable('users')
    .set({ quota_remaining: quotaRemaining, ledger_seq: ledgerSeq, updated_at: write.now })
    .where('id', '=', user.id)
    .where('ledger_seq', '=', user.ledgerSeq)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error('the ledger moved on: the member was not read under the lock');
  return { id: user.id, quotaRemaining, ledgerSeq };
}
