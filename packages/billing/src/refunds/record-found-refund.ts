import { type Actor, type Clock, type Db, inTransaction } from '@yunshang/db';
import { findOrder, lockOrder } from '../orders/order.store.ts';
import type { WechatRefund } from '../payments/wechat/refund.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { intendRefund } from './intend-refund.ts';
import { recordRefund } from './record-refund.ts';
import { findRefundByNumber, listPayments } from './refund.store.ts';

const REASON = '在微信支付商户平台发起的退款';

/**
 * A refund that was begun at WeChat Pay and not here, in WeChat Pay's own answer: what it bought is taken back as with any other, under
 * the number it has there. False when it is known already. REFUND_EXCEEDS_PAYMENT; STATE_CONFLICT while another of the payment is under way.
 */
export async function recordFoundRefund(
  deps: { db: Db; clock: Clock },
  found: { refund: WechatRefund; orderId: string; requestId: string },
): Promise<boolean> {
  const { refund, requestId } = found;
  const actor: Actor = { id: null, role: 'system', requestId };
  const order = await findOrder(deps.db, found.orderId);
  if (order === undefined) throw new Error('a payment has lost its order');
  const isNew = await inTransaction(deps.db, async (tx) => {
    const user = await lockUser(tx, order.userId);
    const locked = await lockOrder(tx, order.id);
    if ((await findRefundByNumber(tx, refund.outRefundNo)) !== undefined) return false;
    const payment = (await listPayments(tx, order.id)).find(
      ({ transactionId }) => transactionId === refund.transactionId,
    );
    if (payment === undefined) throw new Error('the refund is of another order');
    await intendRefund(tx, actor, user, {
      order: locked,
      payment,
      amountFen: refund.amountFen,
      cause: 'found_at_vendor',
      reason: REASON,
      approvalId: null,
      outRefundNo: refund.outRefundNo,
      now: deps.clock.now(),
    });
    return true;
  });
  if (isNew) await recordRefund(deps, { refund, requestId });
  return isNew;
}
