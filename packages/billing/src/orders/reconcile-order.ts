import { AppError, assertNever, type JobPayload } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, promiseJob, recordAudit, type Tx } from '@yunshang/db';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { WechatRefused } from '../payments/wechat/wechat-http.ts';
import type { Payment } from '../payments/wechat/transaction.ts';
import { acceptPayment } from './accept-payment.ts';
import { nextCheck, type StoredOrder } from './order.ts';
import { findOrder, moveOrder } from './order.store.ts';

type Deps = { db: Db; clock: Clock; wechat: WechatGateway; queryScheduleMs: readonly number[] };

/** Refusals to close that mean there is nothing left to close. */
const NOTHING_TO_CLOSE = new Set(['ORDER_CLOSED', 'ORDER_NOT_EXIST', 'ORDERNOTEXIST']);
const REQUEST_ID = 'order-check';

/** Promises the order's first or next question to WeChat Pay. */
export async function promiseCheck(
  tx: Tx,
  order: Pick<StoredOrder, 'id' | 'createdAt' | 'expiresAt'>,
  plan: { scheduleMs: readonly number[]; after: number; now: Date },
): Promise<void> {
  const { check, dueAt } = nextCheck(order, plan.scheduleMs, plan);
  const dedupKey = `order-check:${order.id}:${check}`;
  await promiseJob(tx, {
    job: 'order.reconcile',
    payload: { orderId: order.id, check },
    dedupKey,
    now: plan.now,
    dueAt,
  });
}

/**
 * Asks WeChat Pay about a pending order: credits it when it is paid, closes it when its time is over, else promises the next
 * question. While WeChat Pay does not answer it throws and changes nothing, so that the same question is asked again.
 */
export async function reconcileOrder(deps: Deps, { orderId, check }: JobPayload<'order.reconcile'>): Promise<void> {
  const order = await findOrder(deps.db, orderId);
  if (order === undefined || order.status !== 'pending') return;
  const there = await deps.wechat.findOrder(order.outTradeNo);
  switch (there.state) {
    case 'paid':
      return credit(deps, there.payment);
    case 'closed':
      return closeHere(deps, order);
    case 'unpaid':
    case 'unknown':
      if (deps.clock.now() >= order.expiresAt) return closeBoth(deps, order);
      return inTransaction(deps.db, (tx) =>
        promiseCheck(tx, order, { scheduleMs: deps.queryScheduleMs, after: check, now: deps.clock.now() }),
      );
    default:
      return assertNever(there);
  }
}

async function credit(deps: Deps, payment: Payment): Promise<void> {
  const { db, clock, wechat } = deps;
  await acceptPayment({ db, clock, merchant: wechat.merchant }, { payment, source: 'query', requestId: REQUEST_ID });
}

/** Closes at WeChat Pay first: what is closed there can not be paid any more, so closing here loses no payment. */
async function closeBoth(deps: Deps, order: StoredOrder): Promise<void> {
  try {
    await deps.wechat.closeOrder(order.outTradeNo);
  } catch (error) {
    if (!(error instanceof WechatRefused)) throw error;
    if (!NOTHING_TO_CLOSE.has(error.vendorCode)) return creditOrThrow(deps, order, error);
  }
  return closeHere(deps, order);
}

/** WeChat Pay would not close: the member has paid in the meantime, or something is wrong. */
async function creditOrThrow(deps: Deps, order: StoredOrder, refusal: WechatRefused): Promise<void> {
  const there = await deps.wechat.findOrder(order.outTradeNo);
  if (there.state !== 'paid') throw new AppError('PAYMENT_UNAVAILABLE', {}, { cause: refusal });
  return credit(deps, there.payment);
}

async function closeHere(deps: Deps, order: StoredOrder): Promise<void> {
  const now = deps.clock.now();
  await inTransaction(deps.db, async (tx) => {
    if (!(await moveOrder(tx, { orderId: order.id, to: 'closed', now, closedAt: now }))) return;
    const actor = { id: null, role: 'system', requestId: REQUEST_ID } as const;
    const entry = { action: 'order.closed', subjectType: 'order', subjectId: order.id, details: {}, now };
    await recordAudit(tx, actor, entry);
  });
}
