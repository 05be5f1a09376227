import { type Actor, raiseAlert, recordAudit, type Tx } from '@yunshang/db';
import { demandRed, findLiveFapiao, moveFapiao } from './fapiao.store.ts';

const REASON = '订单已退款，请按剩余金额重新申请';

/**
 * Money of the order went back: its fapiao is for too much. One that nobody works on is rejected, so that it can be asked for anew; one that
 * is issued, or may be at this moment, is to be flushed red, and finance is told. In the transaction that records the refund, with user and order locked.
 */
export async function demandRedFlush(
  tx: Tx,
  actor: Actor,
  { orderId, refundId, now }: { orderId: string; refundId: string; now: Date },
): Promise<void> {
  const fapiao = await findLiveFapiao(tx, orderId);
  if (fapiao === undefined) return;
  const isRejected = fapiao.status === 'requested';
  if (isRejected) {
    if (!(await moveFapiao(tx, fapiao.id, { to: 'rejected', reason: REASON, now })))
      throw new Error('the fapiao moved although its order is locked');
  } else {
    await demandRed(tx, fapiao.id, now);
    const details = { fapiaoId: fapiao.id, orderId, refundId, amountFen: fapiao.amountFen };
    await raiseAlert(tx, { kind: 'fapiao_red_due', subject: fapiao.id, period: 'demanded', details }, now);
  }
  await recordAudit(tx, actor, {
    action: isRejected ? 'fapiao.rejected' : 'fapiao.red_demanded',
    subjectType: 'order',
    subjectId: orderId,
    details: { fapiaoId: fapiao.id, refundId, from: fapiao.status, amountFen: fapiao.amountFen },
    now,
  });
}
