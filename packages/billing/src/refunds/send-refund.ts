import { AppError, type JobPayload } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, hourOf, inTransaction, raiseAlert } from '@yunshang/db';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import type { WechatRefund } from '../payments/wechat/refund.ts';
import { WechatRefused } from '../payments/wechat/wechat-http.ts';
import { isRefundOpen, nextRefundCheck } from './refund.ts';
import { findRefund, listPayments, moveRefund, noteAsking, type StoredRefund } from './refund.store.ts';
import { closeRefund, recordRefund } from './record-refund.ts';

type Deps = { db: Db; clock: Clock; wechat: WechatGateway };

const REQUEST_ID = 'refund-send';
/** Our account there can not pay; somebody has to fill it. */
const ACCOUNT_CODES = new Set(['NOT_ENOUGH', 'NO_AUTH', 'RULE_LIMIT']);
const ACCOUNT_PAUSE_MS = 1_800_000;
/** A call that left longer ago has arrived or never will: twice what it is waited for, and more. */
const ARRIVES_WITHIN_MS = 60_000;

/**
 * Carries a committed refund to WeChat Pay and follows it to its end. WeChat is always asked first, so a refund whose answer was lost, or
 * whose worker died, is found and not sent twice; the number stays the same in any case. Answers when to be called again. While WeChat Pay
 * does not answer it throws and changes nothing.
 */
export async function sendRefund(
  deps: Deps,
  { refundId }: JobPayload<'refund.send'>,
): Promise<'done' | { againAt: Date }> {
  const refund = await findRefund(deps.db, refundId);
  if (refund === undefined || !isRefundOpen(refund.status)) return 'done';
  const there = (await deps.wechat.findRefund(refund.outRefundNo)) ?? (await ask(deps, refund));
  if (there === undefined) return { againAt: new Date(deps.clock.now().getTime() + ACCOUNT_PAUSE_MS) };
  const status = await recordRefund(deps, { refund: there, requestId: REQUEST_ID });
  if (status === 'unknown' || !isRefundOpen(status)) return 'done';
  return { againAt: nextRefundCheck(refund, deps.clock.now()) };
}

/** Undefined when WeChat Pay will not do it as things are, and then somebody has been called; or when it has been given up meanwhile. */
async function ask(deps: Deps, refund: StoredRefund): Promise<WechatRefund | undefined> {
  const payment = (await listPayments(deps.db, refund.orderId)).find(({ id }) => id === refund.paymentId);
  if (payment === undefined) throw new Error('a refund has lost its payment');
  if (!(await noteAsking(deps.db, refund.id, deps.clock.now()))) return undefined;
  try {
    return await deps.wechat.refund({
      transactionId: payment.transactionId,
      outRefundNo: refund.outRefundNo,
      reason: refund.reason,
      refundFen: refund.amountFen,
      totalFen: payment.amountFen,
    });
  } catch (error) {
    if (!(error instanceof WechatRefused)) throw error;
    await keepRefusal(deps, refund, error);
    return undefined;
  }
}

/** Only a person can tell what a refusal means; the refund stays open, so that no second one is begun beside it. */
async function keepRefusal({ db, clock }: Deps, refund: StoredRefund, refusal: WechatRefused): Promise<void> {
  const now = clock.now();
  const vendorCode = refusal.vendorCode === '' ? `HTTP_${refusal.status}` : refusal.vendorCode;
  await inTransaction(db, async (tx) => {
    await moveRefund(tx, { refundId: refund.id, to: 'abnormal', vendorCode, now });
    const kind = ACCOUNT_CODES.has(vendorCode) ? 'vendor_account_low' : 'refund_abnormal';
    const details = { refundId: refund.id, orderId: refund.orderId, why: vendorCode };
    await raiseAlert(tx, { kind, subject: refund.id, period: hourOf(now), details }, now);
  });
}

/**
 * Gives a refund up that WeChat Pay does not know and refuses to do: what was taken is given back, and another may be asked for.
 * STATE_CONFLICT when it has ended, WeChat Pay has it after all, or a call that asks for it may still be on its way.
 */
export async function giveRefundUp(deps: Deps, actor: Actor, refund: StoredRefund): Promise<void> {
  if (refund.status !== 'abnormal') throw new AppError('STATE_CONFLICT', { reason: `refund_${refund.status}` });
  const lookedAt = deps.clock.now();
  const there = await deps.wechat.findRefund(refund.outRefundNo);
  if (there !== undefined) await recordRefund(deps, { refund: there, requestId: REQUEST_ID, by: actor });
  if (there !== undefined && there.status !== 'CLOSED')
    throw new AppError('STATE_CONFLICT', { reason: 'refund_at_vendor' });
  const askedBefore = new Date(lookedAt.getTime() - ARRIVES_WITHIN_MS);
  if (there === undefined) await closeRefund(deps, actor, { refundId: refund.id, askedBefore });
}
