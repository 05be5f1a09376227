import { AppError } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import { insertGrant, returnToGrants } from './grant.store.ts';
import { appendMovements, lockUser } from './ledger.store.ts';
import { COMPENSATION_MS, refundParts } from './quota.ts';
import { findSpends, insertReturns, moveCharge } from './spend.store.ts';

/**
 * The charge is earned: its task succeeded. The caller holds the member's and the task's row. A charge that has ended
 * already is STATE_CONFLICT.
 */
export async function settleCharge(tx: Tx, input: { chargeId: string; now: Date }): Promise<void> {
  const moved = await moveCharge(tx, { chargeId: input.chargeId, to: 'settled', now: input.now });
  if (!moved) throw new AppError('STATE_CONFLICT', { reason: 'charge_ended' });
}

/**
 * Gives back exactly what the charge took, once: to the grants it came from, and what their end has cut off to one new
 * compensation grant of 7 days. The caller holds the member's row, then the task's. `refunded` is undefined when the charge
 * has ended already, and 0 for one that was free.
 */
export async function refundCharge(
  tx: Tx,
  input: { userId: string; chargeId: string; cause: string; now: Date },
): Promise<{ refunded: number | undefined }> {
  const { userId, chargeId, cause, now } = input;
  const user = await lockUser(tx, userId);
  if (!(await moveCharge(tx, { chargeId, userId, to: 'refunded', now }))) return { refunded: undefined };
  const charge = await findSpends(tx, chargeId);
  const { returns, compensation } = refundParts(charge.spent, now);
  await returnToGrants(tx, userId, returns);
  const compensations =
    compensation === 0
      ? []
      : [
          {
            amount: compensation,
            grantId: await insertGrant(tx, userId, {
              source: 'compensation',
              amount: compensation,
              expiresAt: new Date(now.getTime() + COMPENSATION_MS),
              effectKey: `compensation:${chargeId}`,
              now,
            }),
          },
        ];
  await insertReturns(tx, { chargeId, returns: [...returns, ...compensations], now });
  const effectKey = `refund:${chargeId}`;
  const movement = {
    kind: 'refund' as const,
    amount: charge.amount,
    cause,
    effectKey,
    chargeId,
    taskId: charge.taskId,
  };
  await appendMovements(tx, user, { movements: [movement], now });
  return { refunded: charge.amount };
}
