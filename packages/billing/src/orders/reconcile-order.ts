import { assertNever, type JobPayload } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, promiseJob, type Tx } from '@yunshang/db';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { closeBoth, closeHere, credit } from './end-open-order.ts';
import { nextCheck, type StoredOrder } from './order.ts';
import { findOrder } from './order.store.ts';

type Deps = { db: Db; clock: Clock; wechat: WechatGateway; queryScheduleMs: readonly number[] };

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
