import { AppError, type RefundCause } from '@yunshang/contracts';
import { type Actor, isDuplicate, promiseJob, recordAudit, type Tx } from '@yunshang/db';
import { removeOrder } from '../memberships/membership.ts';
import { listOpenPeriods, saveShortened } from '../memberships/membership.store.ts';
import type { StoredOrder } from '../orders/order.ts';
import { moveOrder } from '../orders/order.store.ts';
import type { LockedUser } from '../quota/ledger.store.ts';
import type { Allocation } from '../quota/quota.ts';
import { findPurchasedGrant, listGivenBack, raiseDue, takeFromGrant } from './claw-back.store.ts';
import { clawBack } from './refund.ts';
import { insertRefund, promiseBack, type RefundPayment, type StoredRefund } from './refund.store.ts';

export type RefundWish = {
  order: StoredOrder;
  payment: RefundPayment;
  amountFen: number;
  cause: RefundCause;
  reason: string;
  approvalId: string | null;
  /** WeChat Pay has it under this number already; it is followed and not asked for. */
  outRefundNo?: string;
  now: Date;
};

/**
 * Commits to giving money back, before the vendor hears of it: the promise on the payment, the quota and days that go with the money, the
 * refund's row and the job that carries it out. The caller holds the member's and the order's rows. REFUND_EXCEEDS_PAYMENT; STATE_CONFLICT
 * while another refund of the payment is under way.
 */
export async function intendRefund(tx: Tx, actor: Actor, user: LockedUser, wish: RefundWish): Promise<StoredRefund> {
  const { order, payment, amountFen, now } = wish;
  if (!(await promiseBack(tx, payment.id, amountFen)))
    throw new AppError('REFUND_EXCEEDS_PAYMENT', {
      required: amountFen,
      available: payment.amountFen - payment.refundingFen,
    });
  const isAll = payment.refundingFen + amountFen === payment.amountFen;
  const taken = payment.outcome === 'granted' ? await takeWhatWasBought(tx, user, { ...wish, isAll }) : NOTHING;
  const refund = await insertRefund(tx, {
    orderId: order.id,
    paymentId: payment.id,
    userId: order.userId,
    cause: wish.cause,
    reason: wish.reason,
    amountFen,
    clawedQuota: taken.claw,
    dueQuota: taken.due,
    removedMs: taken.removedMs,
    removedLevel: taken.level,
    requestedBy: actor.id,
    approvalId: wish.approvalId,
    ...(wish.outRefundNo === undefined ? {} : { outRefundNo: wish.outRefundNo }),
    now,
  }).catch(refuseSecond);
  let member = user;
  for (const { grantId, amount } of taken.from)
    member = await takeFromGrant(tx, member, {
      grantId,
      orderId: order.id,
      amount,
      effectKey: `clawback:${refund.id}:${grantId}`,
      now,
    });
  // A second payment is refunded while its order stays what the first has made of it.
  if (payment.outcome !== 'second_payment' && !(await moveOrder(tx, { order, to: 'refunding', now })))
    throw new Error('the order moved although its row is locked');
  await promiseJob(tx, { job: 'refund.send', payload: { refundId: refund.id }, dedupKey: `refund:${refund.id}`, now });
  await recordAudit(tx, actor, {
    action: 'refund.intended',
    subjectType: 'order',
    subjectId: order.id,
    details: {
      refundId: refund.id,
      paymentId: payment.id,
      cause: wish.cause,
      reason: wish.reason,
      amountFen,
      clawedQuota: taken.claw,
      dueQuota: taken.due,
      removedMs: taken.removedMs,
      approvalId: wish.approvalId,
    },
    now,
  });
  return refund;
}

type Taken = { from: Allocation[]; claw: number; due: number; removedMs: number; level: number | null };
const NOTHING: Taken = { from: [], claw: 0, due: 0, removedMs: 0, level: null };

/** Unused quota in proportion, and with the last of the money the days that are still to come. */
async function takeWhatWasBought(tx: Tx, user: LockedUser, wish: RefundWish & { isAll: boolean }): Promise<Taken> {
  const { order, payment, amountFen, isAll, now } = wish;
  const grant = await findPurchasedGrant(tx, order.id);
  if (grant === undefined) throw new Error('a payment that was credited has no grant');
  const grants = [grant, ...(await listGivenBack(tx, order.id))];
  const remaining = grants.reduce((sum, one) => sum + one.remaining, 0);
  const money = { paidFen: payment.amountFen, refundFen: amountFen, isAll };
  const share = clawBack({ ...grant, remaining }, money);
  await raiseDue(tx, grant.id, share.due);
  const from = spread(grants, share.claw);
  if (!isAll) return { from, ...share, removedMs: 0, level: null };
  const shortened = removeOrder(await listOpenPeriods(tx, user.id, now), order.id, now);
  await saveShortened(tx, shortened);
  return { from, ...share, removedMs: shortened.removedMs, level: shortened.level ?? null };
}

/** Which grants give so much, in their order. */
function spread(grants: readonly { id: string; remaining: number }[], amount: number): Allocation[] {
  const parts: Allocation[] = [];
  let left = amount;
  for (const { id: grantId, remaining } of grants) {
    const part = Math.min(remaining, left);
    if (part > 0) parts.push({ grantId, amount: part });
    left -= part;
  }
  return parts;
}

function refuseSecond(error: unknown): never {
  if (isDuplicate(error, 'uq_order_refunds_open')) throw new AppError('STATE_CONFLICT', { reason: 'refund_open' });
  throw error;
}
