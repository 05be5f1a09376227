import { AppError, assertNever } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, recordAudit } from '@yunshang/db';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { WechatRefused } from '../payments/wechat/wechat-http.ts';
import type { Payment } from '../payments/wechat/transaction.ts';
import { acceptPayment } from './accept-payment.ts';
import type { StoredOrder } from './order.ts';
import { moveOrder } from './order.store.ts';

type Deps = { db: Db; clock: Clock; wechat: WechatGateway };

/** Refusals to close that mean there is nothing left to close. */
const NOTHING_TO_CLOSE = new Set(['ORDER_CLOSED', 'ORDER_NOT_EXIST', 'ORDERNOTEXIST']);
const REQUEST_ID = 'order-check';

/** Makes room for another order of the plan: credits this one if it has been paid after all, else closes it. */
export async function endOpenOrder(deps: Deps, order: StoredOrder): Promise<void> {
  const there = await deps.wechat.findOrder(order.outTradeNo);
  switch (there.state) {
    case 'paid':
      return credit(deps, there.payment);
    case 'closed':
      return closeHere(deps, order);
    case 'unpaid':
    case 'unknown':
      return closeBoth(deps, order);
    default:
      return assertNever(there);
  }
}

export async function credit(deps: Deps, payment: Payment): Promise<void> {
  const { db, clock, wechat } = deps;
  await acceptPayment({ db, clock, merchant: wechat.merchant }, { payment, source: 'query', requestId: REQUEST_ID });
}

/** Closes at WeChat Pay first: what is closed there can not be paid any more, so closing here loses no payment. */
export async function closeBoth(deps: Deps, order: StoredOrder): Promise<void> {
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

/** A payment that is told of later is one after closing. */
export async function closeHere(deps: Deps, order: StoredOrder): Promise<void> {
  const now = deps.clock.now();
  await inTransaction(deps.db, async (tx) => {
    if (!(await moveOrder(tx, { order, to: 'closed', now, closedAt: now }))) return;
    const actor = { id: null, role: 'system', requestId: REQUEST_ID } as const;
    const entry = { action: 'order.closed', subjectType: 'order', subjectId: order.id, details: {}, now };
    await recordAudit(tx, actor, entry);
  });
}
