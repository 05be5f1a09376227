import type { Tx } from '@yunshang/db';
import type { Allocation, SpentPart } from './quota.ts';

/** Ends a held charge; false when it has ended already (or is another member's). */
export async function moveCharge(
  tx: Tx,
  move: { chargeId: string; userId?: string; to: 'settled' | 'refunded'; now: Date },
): Promise<boolean> {
  let update = tx
    .updateTable('quota_charges')
    .set({ status: move.to, ended_at: move.now })
    .where('id', '=', move.chargeId)
    .where('status', '=', 'held');
  if (move.userId !== undefined) update = update.where('user_id', '=', move.userId);
  const { numUpdatedRows } = await update.executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** With what a refund of money still has to take of that grant. */
export type SpentOfGrant = SpentPart & { clawbackDue: number; orderId: string | null };

/** What the charge took, grant by grant; nothing when it was free. Throws when the parts do not add up to the charge. */
export async function findSpends(
  tx: Tx,
  chargeId: string,
): Promise<{ taskId: string; amount: number; spent: SpentOfGrant[] }> {
  const rows = await tx
    .selectFrom('quota_charges as charge')
    .leftJoin('quota_allocations as spend', (join) =>
      join.onRef('spend.charge_id', '=', 'charge.id').on('spend.direction', '=', 'spend'),
    )
    .leftJoin('quota_grants as source', 'source.id', 'spend.grant_id')
    .leftJoin('quota_logs as ending', (join) =>
      join.onRef('ending.grant_id', '=', 'source.id').on('ending.kind', '=', 'expire'),
    )
    .select([
      'charge.task_id',
      'charge.amount as charged',
      'spend.grant_id',
      'spend.amount',
      'source.expires_at',
      'source.clawback_due',
      'source.order_id',
      'ending.id as ending',
    ])
    .where('charge.id', '=', chargeId)
    .execute();
  const spent = rows.flatMap((row) =>
    row.grant_id === null || row.amount === null || row.expires_at === null || row.clawback_due === null
      ? []
      : [
          {
            grantId: row.grant_id,
            amount: row.amount,
            expiresAt: row.expires_at,
            clawbackDue: row.clawback_due,
            orderId: row.order_id,
            writtenOff: row.ending !== null,
          },
        ],
  );
  const first = rows[0];
  if (first === undefined || spent.reduce((sum, part) => sum + part.amount, 0) !== first.charged)
    throw new Error('the parts of the charge do not add up to it');
  return { taskId: first.task_id, amount: first.charged, spent };
}

/** Records where a refund went; a free charge has nowhere to go back to. */
export async function insertReturns(
  tx: Tx,
  refund: { chargeId: string; returns: readonly Allocation[]; now: Date },
): Promise<void> {
  if (refund.returns.length === 0) return;
  await tx
    .insertInto('quota_allocations')
    .values(
      refund.returns.map((part) => ({
        charge_id: refund.chargeId,
        grant_id: part.grantId,
        direction: 'return' as const,
        amount: part.amount,
        created_at: refund.now,
      })),
    )
    .execute();
}
