import { AppError, type Fapiao } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, isDuplicate, recordAudit, type Tx } from '@yunshang/db';
import { findOrder, lockOrder } from '../orders/order.store.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { listPayments } from '../refunds/refund.store.ts';
import { invoiceable, type StoredFapiao } from './fapiao.ts';
import { findFapiao, findLiveFapiao, insertFapiao, toFapiao } from './fapiao.store.ts';
import { findTitle } from './title.store.ts';

export type RequestFapiao = { userId: string; orderId: string; titleId: string };

/**
 * Asks for the fapiao of an order: what was paid less what went back. Asked for again with the same title it is the same one. ORDER_NOT_FOUND,
 * FAPIAO_TITLE_NOT_FOUND; STATE_CONFLICT: nothing_paid, order_refunding, fapiao_exists.
 */
export async function requestFapiao(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  { userId, orderId, titleId }: RequestFapiao,
): Promise<Fapiao> {
  const [order, title] = await Promise.all([findOrder(db, orderId, userId), findTitle(db, { userId, titleId })]);
  if (order === undefined) throw new AppError('ORDER_NOT_FOUND');
  if (title === undefined) throw new AppError('FAPIAO_TITLE_NOT_FOUND');
  const { kind, name, taxNo } = title;
  const fapiao = await inTransaction(db, async (tx) => {
    const now = clock.now();
    await lockUser(tx, userId);
    const locked = await lockOrder(tx, orderId);
    const live = await findLiveFapiao(tx, orderId);
    if (live !== undefined) return sameAgain(live, { kind, name, taxNo });
    const amount = invoiceable(locked.status, await listPayments(tx, orderId));
    if ('refusal' in amount) throw new AppError('STATE_CONFLICT', { reason: amount.refusal });
    const { amountFen } = amount;
    const fapiaoId = await insert(tx, { orderId, userId, title: { kind, name, taxNo }, amountFen, now });
    const subject = { subjectType: 'order', subjectId: orderId };
    await recordAudit(tx, actor, { action: 'fapiao.requested', ...subject, details: { fapiaoId, amountFen }, now });
    return findFapiao(tx, fapiaoId);
  });
  if (fapiao === undefined) throw new Error('a fapiao was written and is not there');
  return toFapiao(fapiao);
}

function sameAgain(live: StoredFapiao, title: StoredFapiao['title']): StoredFapiao {
  const isSame = live.title.kind === title.kind && live.title.name === title.name && live.title.taxNo === title.taxNo;
  if (live.status === 'requested' && isSame) return live;
  throw new AppError('STATE_CONFLICT', { reason: 'fapiao_exists' });
}

/** Under the lock of the order nobody can be quicker; the key is for who writes without it. */
async function insert(tx: Tx, fapiao: Parameters<typeof insertFapiao>[1]): Promise<string> {
  try {
    return await insertFapiao(tx, fapiao);
  } catch (error) {
    if (!isDuplicate(error, 'uq_fapiao_live')) throw error;
    throw new AppError('STATE_CONFLICT', { reason: 'fapiao_exists' }, { cause: error });
  }
}
