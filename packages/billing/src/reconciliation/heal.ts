import { isAppError } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import { acceptPayment } from '../orders/accept-payment.ts';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { recordFoundRefund } from '../refunds/record-found-refund.ts';
import { recordRefund } from '../refunds/record-refund.ts';
import type { TradeRow } from './bill/trade-bill.ts';
import { type Finding, finding } from './exception.ts';
import { readKnown } from './known.store.ts';
import type { RefundOfRow } from './match-trade.ts';

export type HealDeps = {
  db: Db;
  clock: Clock;
  wechat: Pick<WechatGateway, 'merchant' | 'findOrder' | 'findRefund'>;
};
export type Healing = HealDeps & {
  requestId: string;
  /** Writes a difference down: before it is mended, so that nothing is mended unseen, and after. */
  keep: (found: Finding) => Promise<void>;
};

/**
 * A payment of the bill that is not recorded here. A bill alone gives nobody anything: what WeChat Pay answers about the order is
 * credited, and only if that is this very payment. Answers what is left.
 */
export async function creditFound(deps: Healing, row: TradeRow): Promise<Finding[]> {
  const there = await deps.wechat.findOrder(row.outTradeNo);
  const known = await readKnown(deps.db, deps.wechat.merchant.mchid, [row]);
  const orderId = known.orders.get(row.outTradeNo) ?? null;
  const details = { outTradeNo: row.outTradeNo, thereFen: row.amountFen };
  if (there.state !== 'paid' || there.payment.transactionId !== row.transactionId) {
    const says = { ...details, says: there.state };
    return [finding('paid_unconfirmed', row.transactionId, { orderId, details: says })];
  }
  const { payment } = there;
  const found = finding('paid_not_credited', row.transactionId, { orderId, details });
  await deps.keep(found);
  const outcome = await acceptPayment(
    { ...deps, merchant: deps.wechat.merchant },
    { payment, source: 'query', requestId: deps.requestId },
  );
  const differs =
    payment.amountFen === row.amountFen
      ? []
      : [
          finding('amount_differs', row.transactionId, {
            orderId,
            details: { thereFen: row.amountFen, hereFen: payment.amountFen },
          }),
        ];
  const after = { ...found, details: { ...details, outcome } };
  // A payment of another sum bought nothing: what becomes of it is for finance to say.
  if (outcome === 'amount_mismatch') return [after, ...differs];
  await deps.keep({ ...after, isHealed: true });
  return differs;
}

/** A refund of the bill that is not recorded here: WeChat Pay is asked about it, and what it answers is recorded. */
export async function recordFound(deps: Healing, row: RefundOfRow): Promise<Finding[]> {
  const { refund: said } = row;
  const known = await readKnown(deps.db, deps.wechat.merchant.mchid, [row]);
  const payment = known.payments.get(row.transactionId);
  const details = { outRefundNo: said.outRefundNo, thereFen: said.amountFen };
  if (payment === undefined)
    return [
      finding('refund_unknown_payment', said.refundId, { details: { ...details, transactionId: row.transactionId } }),
    ];
  const { orderId } = payment;
  const refund = await deps.wechat.findRefund(said.outRefundNo);
  if (refund === undefined || refund.transactionId !== row.transactionId)
    return [finding('refund_unconfirmed', said.refundId, { orderId, details })];
  const differs =
    refund.amountFen === said.amountFen
      ? []
      : [
          finding('refund_amount_differs', said.refundId, {
            orderId,
            details: { thereFen: said.amountFen, hereFen: refund.amountFen },
          }),
        ];
  const found = finding('refunded_there_not_here', said.refundId, { orderId, details });
  await deps.keep(found);
  const { requestId } = deps;
  const why = await recordFoundRefund(deps, { refund, orderId, requestId }).then(() => undefined, whyNot);
  if (why !== undefined) return [{ ...found, details: { ...details, why } }, ...differs];
  await deps.keep({ ...found, isHealed: true });
  return differs;
}

/** Why a refund that is there can not be recorded here as things are. */
function whyNot(error: unknown): string {
  if (isAppError(error) && (error.code === 'REFUND_EXCEEDS_PAYMENT' || error.code === 'STATE_CONFLICT'))
    return error.code;
  throw error;
}

/** A refund that has ended by the bill and not here: WeChat Pay is asked, and has the last word. */
export async function followFound(deps: Healing, row: RefundOfRow): Promise<Finding[]> {
  const { refund: said } = row;
  const refund = await deps.wechat.findRefund(said.outRefundNo);
  const here = refund === undefined ? 'unknown' : await recordRefund(deps, { refund, requestId: deps.requestId });
  const isSame = said.state === 'SUCCESS' ? here === 'succeeded' : here === 'closed' || here === 'abnormal';
  if (isSame) return [];
  return [finding('refund_state_differs', said.refundId, { details: { there: said.state, here } })];
}
