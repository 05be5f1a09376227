import { AppError, type Fapiao } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, isDuplicate, recordAudit, type Tx } from '@yunshang/db';
import { lockOrder } from '../orders/order.store.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { listPayments } from '../refunds/refund.store.ts';
import { invoiceable, type StoredFapiao } from './fapiao.ts';
import { type FapiaoChange, findFapiao, isNumberKnown, moveFapiao, toFapiao } from './fapiao.store.ts';

type Deps = { db: Db; clock: Clock };

/** FAPIAO_NOT_FOUND. */
export async function getFapiao(db: Db, fapiaoId: string): Promise<StoredFapiao> {
  const fapiao = await findFapiao(db, fapiaoId);
  if (fapiao === undefined) throw new AppError('FAPIAO_NOT_FOUND');
  return fapiao;
}

/**
 * The only way in which finance moves a fapiao: under the lock of user and order, with a row in the audit log. STATE_CONFLICT with the state it
 * is in; with `number_taken` when a number is recorded already; with `order_changed` when issuing would begin for a sum that is not right any more.
 */
export async function workFapiao(
  { db, clock }: Deps,
  actor: Actor,
  { fapiaoId, change }: { fapiaoId: string; change: FapiaoChange },
): Promise<Fapiao> {
  const { userId, orderId, amountFen } = await getFapiao(db, fapiaoId);
  const moved = await inTransaction(db, async (tx) => {
    const now = clock.now();
    await lockUser(tx, userId);
    const order = await lockOrder(tx, orderId);
    const { status } = await getFapiao(tx, fapiaoId);
    if (change.to === 'issuing') {
      const due = invoiceable(order.status, await listPayments(tx, orderId));
      if (!('amountFen' in due) || due.amountFen !== amountFen)
        throw new AppError('STATE_CONFLICT', { reason: 'order_changed' });
    }
    if ('number' in change && (await isNumberKnown(tx, change.number)))
      throw new AppError('STATE_CONFLICT', { reason: 'number_taken' });
    if (!(await move(tx, fapiaoId, { ...change, now })))
      throw new AppError('STATE_CONFLICT', { reason: `fapiao_${status}` });
    await recordAudit(tx, actor, {
      action: `fapiao.${change.to}`,
      subjectType: 'order',
      subjectId: orderId,
      details: { fapiaoId, amountFen, from: status, ...change },
      now,
    });
    return getFapiao(tx, fapiaoId);
  });
  return toFapiao(moved);
}

async function move(tx: Tx, fapiaoId: string, change: FapiaoChange & { now: Date }): Promise<boolean> {
  try {
    return await moveFapiao(tx, fapiaoId, change);
  } catch (error) {
    const isTaken = isDuplicate(error, 'uq_fapiao_number') || isDuplicate(error, 'uq_fapiao_red_number');
    if (!isTaken) throw error;
    throw new AppError('STATE_CONFLICT', { reason: 'number_taken' }, { cause: error });
  }
}
