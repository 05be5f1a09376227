import { AppError, type Order, orderSchema } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, newId, recordAudit, type Tx } from '@yunshang/db';
import { findPlan } from '../plans/plan.store.ts';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { WechatRefused } from '../payments/wechat/wechat-http.ts';
import { acceptPayment } from './accept-payment.ts';
import { hashRequest, judgeReplay } from './idempotency.ts';
import { claimKey, findKey, giveUp, type IdempotencyKey, keepAnswer, takeOver } from './idempotency.store.ts';
import { type StoredOrder, toOrder } from './order.ts';
import { findOrder, insertOrder, saveCode } from './order.store.ts';
import { promiseCheck } from './reconcile-order.ts';

type Deps = {
  db: Db;
  clock: Clock;
  wechat: WechatGateway;
  queryScheduleMs: readonly number[];
  paymentWindowMs: number;
};

export type PlaceOrderInput = {
  userId: string;
  requestId: string;
  planId: string;
  channel: 'native';
  idempotencyKey: string;
};

/** An attempt that this call has to carry to its answer. */
type Attempt = { order: StoredOrder; startedAt: Date };

/**
 * Orders a plan at its price of today. The order, its key and the promise to ask about it are committed before WeChat Pay
 * hears of it, so whatever happens afterwards can be asked for again with the same key: the number there stays the same.
 */
export async function placeOrder(deps: Deps, input: PlaceOrderInput): Promise<Order> {
  const key = { userId: input.userId, scope: 'orders.create', key: input.idempotencyKey };
  const begun = await begin(deps, input, key);
  if ('answer' in begun) return begun.answer;
  try {
    const codeUrl = await orderAtWechat(deps, begun.order);
    return await finish(deps, key, { orderId: begun.order.id, codeUrl });
  } catch (error) {
    await giveUp(deps.db, key, begun.startedAt);
    throw error instanceof WechatRefused ? new AppError('PAYMENT_UNAVAILABLE', {}, { cause: error }) : error;
  }
}

async function begin(deps: Deps, input: PlaceOrderInput, key: IdempotencyKey): Promise<Attempt | { answer: Order }> {
  const hash = hashRequest([input.planId, input.channel]);
  const now = deps.clock.now();
  const order = await inTransaction(deps.db, (tx) => insertAttempt(tx, deps, { input, key, hash, now }));
  if (order !== undefined) return { order, startedAt: now };
  const kept = await findKey(deps.db, key);
  if (kept === undefined) throw new AppError('IDEMPOTENCY_IN_FLIGHT', { retryAfterSeconds: 1 });
  const replay = judgeReplay(kept, { hash, now });
  if (replay.kind === 'other_request') throw new AppError('IDEMPOTENCY_KEY_REUSED');
  if (replay.kind === 'in_flight')
    throw new AppError('IDEMPOTENCY_IN_FLIGHT', { retryAfterSeconds: replay.retryAfterSeconds });
  if (replay.kind === 'answered') return { answer: orderSchema.parse(replay.answer) };
  if (!(await takeOver(deps.db, key, { startedAt: replay.startedAt, now })))
    throw new AppError('IDEMPOTENCY_IN_FLIGHT', { retryAfterSeconds: 1 });
  const resumed = await findOrder(deps.db, replay.resourceId, input.userId);
  if (resumed === undefined) throw new Error('a kept request has lost its order');
  return { order: resumed, startedAt: now };
}

/** Writes the order with its key and its first check; undefined when the key has been used. */
async function insertAttempt(
  tx: Tx,
  deps: Deps,
  attempt: { input: PlaceOrderInput; key: IdempotencyKey; hash: Buffer; now: Date },
): Promise<StoredOrder | undefined> {
  const { input, now } = attempt;
  const id = newId();
  if (!(await claimKey(tx, attempt.key, { requestHash: attempt.hash, resourceId: id, now }))) return undefined;
  const plan = await findPlan(tx, input.planId);
  if (plan === undefined) throw new AppError('PLAN_NOT_FOUND');
  const order: StoredOrder = {
    id,
    userId: input.userId,
    outTradeNo: id,
    plan,
    amountFen: plan.priceFen,
    currency: 'CNY',
    status: 'pending',
    codeUrl: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + deps.paymentWindowMs),
    paidAt: null,
  };
  await insertOrder(tx, order);
  await promiseCheck(tx, order, { scheduleMs: deps.queryScheduleMs, after: -1, now });
  await recordAudit(
    tx,
    { id: input.userId, role: 'member', requestId: input.requestId },
    {
      action: 'order.created',
      subjectType: 'order',
      subjectId: id,
      details: { planId: plan.planId, planVersion: plan.version, amountFen: plan.priceFen },
      now,
    },
  );
  return order;
}

/** The code to pay with; null when the order is no longer to be paid. */
async function orderAtWechat(deps: Deps, order: StoredOrder): Promise<string | null> {
  if (order.status !== 'pending') return null;
  if (deps.clock.now() >= order.expiresAt) throw new AppError('STATE_CONFLICT', { reason: 'order_expired' });
  try {
    const placed = await deps.wechat.placeNativeOrder({
      outTradeNo: order.outTradeNo,
      description: `云裳 ${order.plan.title}会员 ${order.plan.periodDays} 天`,
      amountFen: order.amountFen,
      expiresAt: order.expiresAt,
    });
    return placed.codeUrl;
  } catch (error) {
    if (!(error instanceof WechatRefused)) throw error;
    const there = await deps.wechat.findOrder(order.outTradeNo);
    if (there.state !== 'paid') throw error;
    const { db, clock, wechat } = deps;
    const news = { payment: there.payment, source: 'query', requestId: 'order-resumed' } as const;
    await acceptPayment({ db, clock, merchant: wechat.merchant }, news);
    return null;
  }
}

/** Stores the code and keeps the answer; of two attempts that get here, both answer what the first has kept. */
async function finish(
  deps: Deps,
  key: IdempotencyKey,
  made: { orderId: string; codeUrl: string | null },
): Promise<Order> {
  const answer = await inTransaction(deps.db, async (tx) => {
    const { orderId, codeUrl } = made;
    if (codeUrl !== null) await saveCode(tx, { orderId, codeUrl, now: deps.clock.now() });
    const order = await findOrder(tx, orderId);
    if (order === undefined) throw new Error('an order has gone');
    const own = toOrder(order);
    return (await keepAnswer(tx, key, own)) ? own : undefined;
  });
  if (answer !== undefined) return answer;
  const kept = await findKey(deps.db, key);
  return orderSchema.parse(kept?.answer);
}
