import { AppError, assertNever, type OrderStatus, type RefundStatus } from '@yunshang/contracts';
import {
  type Actor,
  type Clock,
  type Db,
  hourOf,
  inTransaction,
  newId,
  raiseAlert,
  recordAudit,
  type Tx,
} from '@yunshang/db';
import { demandRedFlush } from '../fapiao/demand-red-flush.ts';
import { addPeriod } from '../memberships/membership.ts';
import { listOpenPeriods, saveSchedule } from '../memberships/membership.store.ts';
import type { StoredOrder } from '../orders/order.ts';
import { lockOrder, moveOrder } from '../orders/order.store.ts';
import type { WechatRefund } from '../payments/wechat/refund.ts';
import { insertMoneyEntry } from '../payments/money-entry.store.ts';
import { COMPENSATION_MS } from '../quota/quota.ts';
import { grantQuota, returnToGrants } from '../quota/grant.store.ts';
import { appendMovements, type LockedUser, lockUser } from '../quota/ledger.store.ts';
import { findPurchasedGrant, lowerDue, type PurchasedGrant } from './claw-back.store.ts';
import { isRefundOpen, orderStatusOf } from './refund.ts';
import {
  findRefund,
  findRefundByNumber,
  listPayments,
  listRefundsOf,
  lockRefund,
  moveRefund,
  type RefundPayment,
  type StoredRefund,
  takePromiseBack,
} from './refund.store.ts';

type Deps = { db: Db; clock: Clock };

const STATUS_OF = {
  PROCESSING: 'processing',
  SUCCESS: 'succeeded',
  CLOSED: 'closed',
  ABNORMAL: 'abnormal',
} as const satisfies Record<WechatRefund['status'], RefundStatus>;

/** What the vendor says of a refund, whoever brings it: its answer, its notification, or our question; `by` is the person who had it asked. */
export type RefundNews = { refund: WechatRefund; requestId: string; by?: Actor };

/**
 * The only way a refund moves on. News of an end that is known already changes nothing; news that contradicts an end, or speaks of
 * another sum, changes nothing and calls somebody. Answers the refund's state.
 */
export async function recordRefund(deps: Deps, news: RefundNews): Promise<RefundStatus | 'unknown'> {
  const found = await findRefundByNumber(deps.db, news.refund.outRefundNo);
  if (found === undefined) return 'unknown';
  const actor: Actor = news.by ?? { id: null, role: 'system', requestId: news.requestId };
  return inTransaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const user = await lockUser(tx, found.userId);
    const order = await lockOrder(tx, found.orderId);
    const refund = await lockRefund(tx, found.id);
    const to = STATUS_OF[news.refund.status];
    if (refund.status === to) return to;
    const contradiction = contradictionOf(refund, news.refund, to);
    if (contradiction !== undefined) {
      await callSomebody(tx, { refund, why: contradiction, now });
      return refund.status;
    }
    const { vendorRefundId, successTime } = news.refund;
    const succeededAt = to === 'succeeded' ? (successTime ?? now) : undefined;
    if (!(await moveRefund(tx, { refundId: refund.id, to, now, vendorRefundId, succeededAt })))
      throw new Error('the refund moved although its row is locked');
    await follow(tx, actor, { user, order, refund, to, succeededAt, now });
    return to;
  });
}

/**
 * Nothing will come of the refund, which somebody of finance gives up and WeChat Pay does not know: what was taken is given back.
 * STATE_CONFLICT when it has ended, or WeChat Pay was asked for it since `askedBefore`.
 */
export async function closeRefund(
  deps: Deps,
  actor: Actor,
  { refundId, askedBefore }: { refundId: string; askedBefore: Date },
): Promise<void> {
  const found = await findRefund(deps.db, refundId);
  if (found === undefined) throw new AppError('REFUND_NOT_FOUND');
  await inTransaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const user = await lockUser(tx, found.userId);
    const order = await lockOrder(tx, found.orderId);
    const refund = await lockRefund(tx, refundId);
    if (refund.askedAt !== null && refund.askedAt > askedBefore)
      throw new AppError('STATE_CONFLICT', { reason: 'refund_being_asked' });
    if (!(await moveRefund(tx, { refundId, to: 'closed', now })))
      throw new AppError('STATE_CONFLICT', { reason: `refund_${refund.status}` });
    await follow(tx, actor, { user, order, refund, to: 'closed', succeededAt: undefined, now });
  });
}

function contradictionOf(refund: StoredRefund, said: WechatRefund, to: RefundStatus): string | undefined {
  if (said.amountFen !== refund.amountFen) return 'amount_differs';
  return isRefundOpen(refund.status) ? undefined : `${refund.status}_then_${to}`;
}

async function callSomebody(
  tx: Tx,
  { refund, why, now }: { refund: StoredRefund; why: string; now: Date },
): Promise<void> {
  const details = { refundId: refund.id, orderId: refund.orderId, why };
  await raiseAlert(tx, { kind: 'refund_abnormal', subject: refund.id, period: hourOf(now), details }, now);
}

type Step = {
  user: LockedUser;
  order: StoredOrder;
  /** As it was before. */
  refund: StoredRefund;
  to: RefundStatus;
  succeededAt: Date | undefined;
  now: Date;
};

async function follow(tx: Tx, actor: Actor, step: Step): Promise<void> {
  const { user, order, refund, to, now } = step;
  const payments = await listPayments(tx, order.id);
  const payment = payments.find(({ id }) => id === refund.paymentId);
  if (payment === undefined) throw new Error('a refund has lost its payment');
  switch (to) {
    case 'succeeded':
      await insertMoneyEntry(tx, {
        kind: 'refund',
        amountFen: -refund.amountFen,
        orderId: order.id,
        paymentId: payment.id,
        refundId: refund.id,
        userId: user.id,
        effectKey: `refund:${refund.id}`,
        occurredAt: step.succeededAt ?? now,
        now,
      });
      if (payment.outcome === 'granted')
        await demandRedFlush(tx, actor, { orderId: order.id, refundId: refund.id, now });
      break;
    case 'closed':
      await takePromiseBack(tx, payment.id, refund.amountFen);
      await giveBackWhatWasTaken(tx, user, { order, refund, now });
      break;
    case 'abnormal':
      await callSomebody(tx, { refund, why: 'abnormal', now });
      break;
    case 'processing':
    case 'intended':
      break;
    default:
      assertNever(to);
  }
  await settleOrder(tx, { order, payment, now });
  await recordAudit(tx, actor, {
    action: `refund.${to}`,
    subjectType: 'order',
    subjectId: order.id,
    details: { refundId: refund.id, amountFen: refund.amountFen, from: refund.status },
    now,
  });
}

/** The order stands where the money that brought it there leaves it. */
async function settleOrder(tx: Tx, at: { order: StoredOrder; payment: RefundPayment; now: Date }): Promise<void> {
  const { order, payment, now } = at;
  if (payment.outcome === 'second_payment') return;
  const refunds = (await listRefundsOf(tx, [order.id])).filter(({ paymentId }) => paymentId === payment.id);
  const to: OrderStatus = orderStatusOf(payment.outcome, {
    paidFen: payment.amountFen,
    refundedFen: refunds.filter(({ status }) => status === 'succeeded').reduce((sum, one) => sum + one.amountFen, 0),
    isRefundOpen: refunds.some(({ status }) => isRefundOpen(status)),
  });
  if (to === order.status) return;
  if (!(await moveOrder(tx, { order, to, now }))) throw new Error('the order moved although its row is locked');
}

/** Quota to the grant it came from, or to a new one when that has ended; days as a period behind what is there. */
async function giveBackWhatWasTaken(
  tx: Tx,
  user: LockedUser,
  { order, refund, now }: { order: StoredOrder; refund: StoredRefund; now: Date },
): Promise<void> {
  const grant = await findPurchasedGrant(tx, order.id);
  if (grant !== undefined) await lowerDue(tx, grant.id, refund.dueQuota);
  if (grant !== undefined && refund.clawedQuota > 0) await giveQuotaBack(tx, user, { grant, order, refund, now });
  if (refund.removedMs === 0 || refund.removedLevel === null) return;
  const ids = { id: newId(), tailId: newId(), planId: order.plan.planId, orderId: order.id };
  const back = { ...ids, level: refund.removedLevel, lengthMs: refund.removedMs };
  const schedule = addPeriod(await listOpenPeriods(tx, user.id, now), back, now);
  await saveSchedule(tx, user.id, { schedule, now });
}

async function giveQuotaBack(
  tx: Tx,
  user: LockedUser,
  of: { grant: PurchasedGrant; order: StoredOrder; refund: StoredRefund; now: Date },
): Promise<void> {
  const { grant, order, refund, now } = of;
  const back = { amount: refund.clawedQuota, effectKey: `refund_closed:${refund.id}`, cause: 'refund_failed', now };
  // What was taken from elsewhere than the order's own grant does not fit into that.
  const isOpen = grant.expiresAt > now && !grant.isWrittenOff && grant.remaining + back.amount <= grant.amount;
  if (!isOpen) {
    const expiresAt = new Date(now.getTime() + COMPENSATION_MS);
    await grantQuota(tx, user, { source: 'compensation', expiresAt, ...back });
    return;
  }
  const { amount, cause, effectKey } = back;
  await returnToGrants(tx, user.id, [{ grantId: grant.id, amount }]);
  const movement = { kind: 'grant' as const, amount, cause, effectKey, grantId: grant.id, orderId: order.id };
  await appendMovements(tx, user, { movements: [movement], now });
}
