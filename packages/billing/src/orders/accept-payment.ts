import { AppError } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, newId, raiseAlert, recordAudit, type Tx } from '@yunshang/db';
import { bookPaymentFee } from '../costs/payment-fee.ts';
import { addPeriod } from '../memberships/membership.ts';
import { lengthOf } from '../plans/plan.ts';
import { listOpenPeriods, saveSchedule } from '../memberships/membership.store.ts';
import type { Payment } from '../payments/wechat/transaction.ts';
import type { Merchant } from '../payments/wechat/wechat-settings.ts';
import { grantQuota } from '../quota/grant.store.ts';
import { insertMoneyEntry } from '../payments/money-entry.store.ts';
import { type LockedUser, lockUser } from '../quota/ledger.store.ts';
import { intendRefund } from '../refunds/intend-refund.ts';
import { judgePayment, type PaymentOutcome, type StoredOrder } from './order.ts';
import {
  findPaidOrder,
  findRecordedPayment,
  insertPayment,
  lockOrder,
  moveOrder,
  saveBoughtTime,
  type PaymentSource,
} from './order.store.ts';

type Deps = { db: Db; clock: Clock; merchant: Merchant };

/**
 * The only way money becomes membership and quota, whoever brings the news. A transaction counts once: a second telling
 * changes nothing and succeeds (`already_recorded`). A payment that is not what was ordered is kept for finance and grants nothing; one
 * that came too late, or is a second one for its order, is refunded at once. SERVICE_UNAVAILABLE when the order is not there (yet): the
 * news must be brought again.
 */
export async function acceptPayment(
  deps: Deps,
  news: { payment: Payment; source: PaymentSource; requestId: string },
): Promise<PaymentOutcome | 'already_recorded'> {
  const { payment, source } = news;
  const found = await findPaidOrder(deps.db, payment);
  if (found === undefined) throw new AppError('SERVICE_UNAVAILABLE', { reason: 'order_unknown' });
  // Its row was committed with all that came of it: nothing is left to do, and nobody's lock is needed to know.
  if (found.recordedFor === found.order.id) return 'already_recorded';
  const actor: Actor = { id: null, role: 'system', requestId: news.requestId };
  return inTransaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const user = await lockUser(tx, found.order.userId);
    const order = await lockOrder(tx, found.order.id);
    const recorded = await findRecordedPayment(tx, payment);
    if (recorded?.orderId === order.id) return 'already_recorded';
    if (recorded !== undefined) throw new Error('the transaction has been recorded for another order');
    const { outcome, to, mismatches } = judgePayment(order, payment, deps.merchant);
    if (to !== undefined) await moveOrThrow(tx, { order, to, now, paidAt: payment.successTime });
    const paymentId = await insertPayment(tx, { orderId: order.id, payment, source, outcome, now });
    await insertMoneyEntry(tx, {
      kind: 'payment',
      amountFen: payment.amountFen,
      orderId: order.id,
      paymentId,
      userId: user.id,
      effectKey: `payment:${paymentId}`,
      occurredAt: payment.successTime,
      now,
    });
    const { transactionId, amountFen } = payment;
    await bookPaymentFee(tx, { transactionId, amountFen, orderId: order.id, userId: user.id, now });
    if (outcome === 'granted') await grantPlan(tx, user, { order, now });
    else await callSomebody(tx, { order, outcome, payment, now });
    if (outcome === 'paid_after_close' || outcome === 'second_payment')
      await giveBack(tx, actor, user, {
        order: { ...order, status: to ?? order.status },
        outcome,
        payment,
        paymentId,
        now,
      });
    await recordAudit(tx, actor, {
      action: `order.payment_${outcome}`,
      subjectType: 'order',
      subjectId: order.id,
      details: { paymentId, source, amountFen: payment.amountFen, orderedFen: order.amountFen, mismatches },
      now,
    });
    return outcome;
  });
}

type Unwanted = { order: StoredOrder; outcome: Exclude<PaymentOutcome, 'granted'>; payment: Payment; now: Date };

async function callSomebody(tx: Tx, { order, outcome, payment, now }: Unwanted): Promise<void> {
  const details = { orderId: order.id, outcome, paidFen: payment.amountFen, orderedFen: order.amountFen };
  const kind = outcome === 'amount_mismatch' ? 'amount_mismatch' : 'late_payment';
  await raiseAlert(tx, { kind, subject: payment.transactionId, period: 'once', details }, now);
}

const REASONS = {
  paid_after_close: '订单已关闭，款项原路退回',
  second_payment: '重复支付，款项原路退回',
} as const;

/** Bought nothing, so all of it goes back. */
async function giveBack(
  tx: Tx,
  actor: Actor,
  user: LockedUser,
  late: Unwanted & { outcome: keyof typeof REASONS; paymentId: string },
): Promise<void> {
  const { order, outcome, payment, paymentId, now } = late;
  await intendRefund(tx, actor, user, {
    order,
    payment: {
      id: paymentId,
      orderId: order.id,
      outcome,
      transactionId: payment.transactionId,
      amountFen: payment.amountFen,
      currency: payment.currency,
      refundingFen: 0,
    },
    amountFen: payment.amountFen,
    cause: outcome,
    reason: REASONS[outcome],
    approvalId: null,
    now,
  });
}

async function moveOrThrow(tx: Tx, move: Parameters<typeof moveOrder>[1]): Promise<void> {
  if (!(await moveOrder(tx, move))) throw new Error('the order moved although its row is locked');
}

async function grantPlan(tx: Tx, user: LockedUser, paid: { order: StoredOrder; now: Date }): Promise<void> {
  const { order, now } = paid;
  const periods = await listOpenPeriods(tx, user.id, now);
  const { planId, level, quota } = order.plan;
  const bought = { id: newId(), tailId: newId(), planId, level, orderId: order.id, ...lengthOf(order.plan) };
  const schedule = addPeriod(periods, bought, now);
  await saveSchedule(tx, user.id, { schedule, now });
  const { startsAt, endsAt } = schedule.bought;
  if ('months' in bought)
    await saveBoughtTime(tx, { orderId: order.id, boughtMs: endsAt.getTime() - startsAt.getTime() });
  await grantQuota(tx, user, {
    source: 'purchase',
    amount: quota,
    expiresAt: schedule.bought.endsAt,
    effectKey: `order:${order.id}`,
    orderId: order.id,
    cause: 'order_paid',
    now,
  });
}
