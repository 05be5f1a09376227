import { AppError } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import { insertGrant, returnToGrants } from './grant.store.ts';
import { appendMovements, type LockedUser, lockUser } from './ledger.store.ts';
import { listDueRefunds, lowerDue, takeFromGrant } from '../refunds/claw-back.store.ts';
import { takeDue } from '../refunds/refund.store.ts';
import { type Allocation, COMPENSATION_MS, refundParts } from './quota.ts';
import { findSpends, insertReturns, moveCharge, type SpentOfGrant } from './spend.store.ts';

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
  const after = await appendMovements(tx, user, { movements: [movement], now });
  const [ended] = compensations;
  await takeWhatIsDue(tx, after, { chargeId, spent: charge.spent, returns, compensationId: ended?.grantId, now });
  return { refunded: charge.amount };
}

type Given = {
  chargeId: string;
  spent: readonly SpentOfGrant[];
  returns: readonly Allocation[];
  compensationId: string | undefined;
  now: Date;
};

/**
 * Quota whose money has been refunded does not become free by being given back: what a refund of the order could not take while this charge
 * held it is taken now, from where it was returned to.
 */
async function takeWhatIsDue(tx: Tx, member: LockedUser, given: Given): Promise<void> {
  const { chargeId, now } = given;
  let user = member;
  for (const part of given.spent) {
    const { grantId, orderId } = part;
    const due = Math.min(part.amount, part.clawbackDue);
    if (due === 0 || orderId === null) continue;
    const isOpen = given.returns.some((returned) => returned.grantId === grantId);
    const from = isOpen ? grantId : given.compensationId;
    if (from === undefined) throw new Error('a part of a refund went nowhere');
    let left = due;
    for (const refund of await listDueRefunds(tx, orderId)) {
      const amount = Math.min(left, refund.due);
      if (amount === 0) break;
      const effectKey = `clawback:${refund.id}:${chargeId}`;
      user = await takeFromGrant(tx, user, { grantId: from, orderId, amount, effectKey, now });
      await takeDue(tx, refund.id, amount);
      left -= amount;
    }
    await lowerDue(tx, grantId, due - left);
  }
}
