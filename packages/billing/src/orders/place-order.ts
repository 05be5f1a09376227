import { AppError, type Order, type OrderChannel, orderSchema } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, isDuplicate, newId, recordAudit, type Tx } from '@yunshang/db';
import { periodText } from '../plans/plan.ts';
import { findPlan } from '../plans/plan.store.ts';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { WechatRefused } from '../payments/wechat/wechat-http.ts';
import { acceptPayment } from './accept-payment.ts';
import { hashRequest, judgeReplay } from './idempotency.ts';
import { claimKey, findKey, giveUp, type IdempotencyKey, keepAnswer, takeOver } from './idempotency.store.ts';
import { isSameIntent, type Payer, type StoredOrder } from './order.ts';
import { findOpenOrder, findOrder, insertOrder, type PayWith, savePayWith } from './order.store.ts';
import { endOpenOrder } from './end-open-order.ts';
import { promiseCheck } from './reconcile-order.ts';

type Deps = {
  db: Db;
  clock: Clock;
  wechat: WechatGateway;
  queryScheduleMs: readonly number[];
  paymentWindowMs: number;
  view: (db: Db, order: StoredOrder) => Promise<Order>;
};

export type PlaceOrderInput = {
  userId: string;
  requestId: string;
  planId: string;
  channel: OrderChannel;
  /** For `jsapi`. */
  openid?: string | undefined;
  /** For `h5`; `Wap` unless given. */
  h5Type?: 'Wap' | 'iOS' | 'Android' | undefined;
  /** Where the call came from; for `h5`. */
  ip: string;
  idempotencyKey: string;
};

/** An attempt that this call has to carry to its answer. */
type Attempt = { order: StoredOrder; startedAt: Date };
/** How often somebody else may be quicker with an order of the same plan. */
const TRIES = 4;

/**
 * Orders a plan at its price of today. A member has one open order for a plan: ordering the same again is that order, with something fresh
 * to pay it with; ordering it otherwise (another channel, a new price) closes it first. The order, its key and the promise to ask about it
 * are committed before WeChat Pay hears of it, so whatever happens afterwards can be asked for again with the same key: the number there
 * stays the same.
 */
export async function placeOrder(deps: Deps, input: PlaceOrderInput): Promise<Order> {
  const key = { userId: input.userId, scope: 'orders.create', key: input.idempotencyKey };
  const begun = await begin(deps, input, key);
  if ('answer' in begun) return begun.answer;
  try {
    const payWith = await orderAtWechat(deps, begun.order);
    return await finish(deps, key, { orderId: begun.order.id, payWith });
  } catch (error) {
    await giveUp(deps.db, key, begun.startedAt);
    throw error instanceof WechatRefused ? new AppError('PAYMENT_UNAVAILABLE', {}, { cause: error }) : error;
  }
}

function payerOf(input: PlaceOrderInput): Payer {
  if (input.channel === 'jsapi' && input.openid !== undefined) return { channel: 'jsapi', openid: input.openid };
  if (input.channel === 'h5') return { channel: 'h5', ip: input.ip, h5Type: input.h5Type ?? 'Wap' };
  return { channel: 'native' };
}

async function begin(deps: Deps, input: PlaceOrderInput, key: IdempotencyKey): Promise<Attempt | { answer: Order }> {
  const hash = hashRequest([input.planId, input.channel, input.openid ?? '', input.h5Type ?? '']);
  for (let attempt = 1; ; attempt += 1) {
    const now = deps.clock.now();
    const begun = await insertAttempt(deps, { input, key, hash, now });
    if (begun === 'key_used') return resume(deps, { input, key, hash, now });
    if (begun.kind === 'order') return { order: begun.order, startedAt: now };
    // Another order is in the way, or somebody else was quicker: it is ended, or found and taken as ours, in the next round.
    if (attempt >= TRIES) throw new AppError('IDEMPOTENCY_IN_FLIGHT', { retryAfterSeconds: 1 });
    if (begun.order !== undefined) await endOpenOrder(deps, begun.order);
  }
}

async function resume(
  deps: Deps,
  { input, key, hash, now }: { input: PlaceOrderInput; key: IdempotencyKey; hash: Buffer; now: Date },
): Promise<Attempt | { answer: Order }> {
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

type Begun = { kind: 'order'; order: StoredOrder } | { kind: 'in_the_way'; order: StoredOrder | undefined };
type Wanted = { input: PlaceOrderInput; key: IdempotencyKey; hash: Buffer; now: Date };

/** The open order this request means, or a new one with its key and its first check. */
async function insertAttempt(deps: Deps, wanted: Wanted): Promise<Begun | 'key_used'> {
  const { input, key, hash, now } = wanted;
  try {
    return await inTransaction(deps.db, async (tx): Promise<Begun | 'key_used'> => {
      const open = await findOpenOrder(tx, input.userId, input.planId);
      const id = open?.id ?? newId();
      if (!(await claimKey(tx, key, { requestHash: hash, resourceId: id, now }))) return 'key_used';
      const plan = await findPlan(tx, input.planId);
      if (plan === undefined) throw new AppError('PLAN_NOT_FOUND');
      const payer = payerOf(input);
      if (open === undefined)
        return { kind: 'order', order: await insertNew(tx, deps, { ...wanted, id, plan, payer }) };
      if (isSameIntent(open, { plan, payer, now })) return { kind: 'order', order: open };
      throw new InTheWay(open);
    });
  } catch (error) {
    if (error instanceof InTheWay) return { kind: 'in_the_way', order: error.order };
    if (isDuplicate(error, 'uq_orders_open_plan')) return { kind: 'in_the_way', order: undefined };
    throw error;
  }
}

/** Undoes the transaction: the key is claimed again once the other order has ended. */
class InTheWay extends Error {
  readonly order: StoredOrder;
  constructor(order: StoredOrder) {
    super('another order of the plan is open');
    this.order = order;
  }
}

async function insertNew(
  tx: Tx,
  deps: Deps,
  made: Wanted & { id: string; plan: StoredOrder['plan']; payer: Payer },
): Promise<StoredOrder> {
  const { input, id, plan, payer, now } = made;
  const order: StoredOrder = {
    id,
    userId: input.userId,
    outTradeNo: id,
    plan,
    amountFen: plan.priceFen,
    currency: 'CNY',
    status: 'pending',
    payer,
    codeUrl: null,
    prepayId: null,
    h5Url: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + deps.paymentWindowMs),
    paidAt: null,
    closedAt: null,
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
      details: {
        planId: plan.planId,
        planVersion: plan.version,
        amountFen: plan.priceFen,
        channel: payer.channel,
      },
      now,
    },
  );
  return order;
}

/** Something to pay with; null when the order is no longer to be paid. */
async function orderAtWechat(deps: Deps, order: StoredOrder): Promise<PayWith | null> {
  if (order.status !== 'pending') return null;
  if (deps.clock.now() >= order.expiresAt) throw new AppError('STATE_CONFLICT', { reason: 'order_expired' });
  try {
    return await deps.wechat.placeOrder({
      outTradeNo: order.outTradeNo,
      description: `云裳 ${order.plan.title}会员 ${periodText(order.plan).zh}`,
      amountFen: order.amountFen,
      expiresAt: order.expiresAt,
      payer: order.payer,
    });
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

/** Stores what to pay with and keeps the answer; of two attempts that get here, both answer what the first has kept. */
async function finish(
  deps: Deps,
  key: IdempotencyKey,
  made: { orderId: string; payWith: PayWith | null },
): Promise<Order> {
  const answer = await inTransaction(deps.db, async (tx) => {
    const { orderId, payWith } = made;
    if (payWith !== null) await savePayWith(tx, { orderId, payWith, now: deps.clock.now() });
    const order = await findOrder(tx, orderId);
    if (order === undefined) throw new Error('an order has gone');
    const own = await deps.view(tx, order);
    return (await keepAnswer(tx, key, own)) ? own : undefined;
  });
  if (answer !== undefined) return answer;
  const kept = await findKey(deps.db, key);
  return orderSchema.parse(kept?.answer);
}
