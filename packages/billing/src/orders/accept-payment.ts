import { AppError } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, newId, recordAudit, type Tx } from '@yunshang/db';
import { addPeriod } from '../memberships/membership.ts';
import { listOpenPeriods, saveSchedule } from '../memberships/membership.store.ts';
import type { Payment } from '../payments/wechat/transaction.ts';
import type { Merchant } from '../payments/wechat/wechat-settings.ts';
import { grantQuota } from '../quota/grant.store.ts';
import { type LockedUser, lockUser } from '../quota/ledger.store.ts';
import { judgePayment, type PaymentOutcome, type StoredOrder } from './order.ts';
import {
  findOrderByNumber,
  findRecordedPayment,
  insertPayment,
  lockOrder,
  moveOrder,
  type PaymentSource,
} from './order.store.ts';

type Deps = { db: Db; clock: Clock; merchant: Merchant };

/**
 * The only way money becomes membership and quota, whoever brings the news. A transaction counts once: a second telling
 * changes nothing and succeeds (`already_recorded`). A payment that is not what was ordered, or came too late, or is a second
 * one for its order, is recorded and audited for an operator and grants nothing. SERVICE_UNAVAILABLE when the order is not
 * there (yet): the news must be brought again.
 */
export async function acceptPayment(
  deps: Deps,
  news: { payment: Payment; source: PaymentSource; requestId: string },
): Promise<PaymentOutcome | 'already_recorded'> {
  const { payment, source } = news;
  const found = await findOrderByNumber(deps.db, payment.outTradeNo);
  if (found === undefined) throw new AppError('SERVICE_UNAVAILABLE', { reason: 'order_unknown' });
  const actor: Actor = { id: null, role: 'system', requestId: news.requestId };
  return inTransaction(deps.db, async (tx) => {
    const now = deps.clock.now();
    const user = await lockUser(tx, found.userId);
    const order = await lockOrder(tx, found.id);
    const recorded = await findRecordedPayment(tx, payment);
    if (recorded?.orderId === order.id) return 'already_recorded';
    if (recorded !== undefined) throw new Error('the transaction has been recorded for another order');
    const { outcome, to, mismatches } = judgePayment(order, payment, deps.merchant);
    if (to !== undefined) await moveOrThrow(tx, { orderId: order.id, to, now, paidAt: payment.successTime });
    const paymentId = await insertPayment(tx, { orderId: order.id, payment, source, outcome, now });
    if (outcome === 'granted') await grantPlan(tx, user, { order, now });
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

async function moveOrThrow(tx: Tx, move: Parameters<typeof moveOrder>[1]): Promise<void> {
  if (!(await moveOrder(tx, move))) throw new Error('the order moved although its row is locked');
}

async function grantPlan(tx: Tx, user: LockedUser, paid: { order: StoredOrder; now: Date }): Promise<void> {
  const { order, now } = paid;
  const periods = await listOpenPeriods(tx, user.id, now);
  const { planId, level, periodDays, quota } = order.plan;
  const bought = { id: newId(), tailId: newId(), planId, level, days: periodDays, orderId: order.id };
  const schedule = addPeriod(periods, bought, now);
  await saveSchedule(tx, user.id, { schedule, now });
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
