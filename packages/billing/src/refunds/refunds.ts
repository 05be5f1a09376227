import {
  AppError,
  type Approval,
  type Refund,
  type RefundStatus,
  requestedRefundOutput,
  type RequestedRefund,
  requestRefundInput,
} from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit, type Tx } from '@yunshang/db';
import { type Executor, requestApproval } from '../approvals/approvals.ts';
import { answerOnce } from '../orders/answer-once.ts';
import type { StoredOrder } from '../orders/order.ts';
import { findOrder, lockOrder } from '../orders/order.store.ts';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import { type LockedUser, lockUser } from '../quota/ledger.store.ts';
import { intendRefund } from './intend-refund.ts';
import { findRefund, listPayments, listRefunds, type RefundPayment, toRefund } from './refund.store.ts';
import { giveRefundUp } from './send-refund.ts';
import { hurryRefund } from './hurry-refund.store.ts';

export type RefundsConfig = {
  /** Refunds above this take a second person, in fen. */
  approvalAboveFen: number;
};

export type AskForRefund = {
  orderId: string;
  paymentId?: string | undefined;
  amountFen: number;
  reason: string;
  idempotencyKey: string;
};

export type Refunds = {
  /**
   * Gives money back, or asks a second person when it is much. ORDER_NOT_FOUND, STATE_CONFLICT (nothing was paid, or a refund is under
   * way), REFUND_EXCEEDS_PAYMENT, IDEMPOTENCY_KEY_REUSED. The same key gives the first answer again.
   */
  request(actor: Actor, input: AskForRefund): Promise<RequestedRefund>;
  get(refundId: string): Promise<Refund>;
  list(page: {
    orderId?: string | undefined;
    userId?: string | undefined;
    status?: RefundStatus | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: Refund[]; nextCursor: string | null }>;
  /** Asks WeChat Pay now instead of when its turn comes. REFUND_NOT_FOUND, STATE_CONFLICT when it has ended. */
  retry(actor: Actor, refundId: string): Promise<Refund>;
  /** Of one that WeChat Pay refuses. REFUND_NOT_FOUND, STATE_CONFLICT, PAYMENT_UNAVAILABLE. */
  giveUp(actor: Actor, refundId: string): Promise<Refund>;
  /** What an approved wish does. */
  readonly onApproved: Executor;
};

export function createRefunds(deps: { db: Db; clock: Clock; wechat: WechatGateway; config: RefundsConfig }): Refunds {
  const { db, clock } = deps;

  async function stored(refundId: string) {
    const refund = await findRefund(db, refundId);
    if (refund === undefined) throw new AppError('REFUND_NOT_FOUND');
    return refund;
  }
  const get = async (refundId: string): Promise<Refund> => toRefund(await stored(refundId));

  return {
    get,
    list: async (page) => {
      const { items, nextCursor } = await listRefunds(db, page);
      return { items: items.map(toRefund), nextCursor };
    },
    async request(actor, input) {
      const order = await findOrder(db, input.orderId);
      if (order === undefined) throw new AppError('ORDER_NOT_FOUND');
      const fields = [input.orderId, input.paymentId ?? '', String(input.amountFen), input.reason];
      return answerOnce(db, clock, {
        key: { userId: actor.id ?? '', scope: 'refunds.request', key: input.idempotencyKey },
        fields,
        schema: requestedRefundOutput,
        work: async (tx, now) => {
          const held = await hold(tx, order);
          const payment = choosePayment(held.payments, input.paymentId);
          if (input.amountFen <= deps.config.approvalAboveFen)
            return { refund: toRefund(await refundOf(tx, actor, { ...held, payment, input, now })), approval: null };
          return { refund: null, approval: await askSecond(tx, actor, { order: held.order, payment, input, now }) };
        },
      });
    },
    async retry(actor, refundId) {
      const refund = await stored(refundId);
      const now = clock.now();
      await inTransaction(db, async (tx) => {
        if (!(await hurryRefund(tx, refundId, now))) throw new AppError('STATE_CONFLICT', { reason: 'refund_ended' });
        await recordAudit(tx, actor, {
          action: 'refund.retried',
          subjectType: 'order',
          subjectId: refund.orderId,
          details: { refundId },
          now,
        });
      });
      return get(refundId);
    },
    async giveUp(actor, refundId) {
      const refund = await stored(refundId);
      await giveRefundUp(deps, actor, refund);
      return get(refundId);
    },
    onApproved: async (tx, approval, decider) => {
      const input = requestRefundInput.parse(approval.payload);
      const order = await findOrder(tx, input.orderId);
      if (order === undefined) throw new AppError('ORDER_NOT_FOUND');
      const held = await hold(tx, order);
      const payment = choosePayment(held.payments, input.paymentId);
      await refundOf(tx, decider, { ...held, payment, input, approvalId: approval.id, now: clock.now() });
    },
  };
}

type Held = { user: LockedUser; order: StoredOrder; payments: RefundPayment[] };

/** The member's row, then the order's; what was paid is read under them. */
async function hold(tx: Tx, found: StoredOrder): Promise<Held> {
  const user = await lockUser(tx, found.userId);
  const order = await lockOrder(tx, found.id);
  return { user, order, payments: await listPayments(tx, order.id) };
}

/** The one named, or the one that brought the order where it is. */
function choosePayment(payments: readonly RefundPayment[], paymentId: string | undefined): RefundPayment {
  const payment =
    paymentId === undefined
      ? payments.find(({ outcome }) => outcome !== 'second_payment')
      : payments.find(({ id }) => id === paymentId);
  if (payment === undefined) throw new AppError('STATE_CONFLICT', { reason: 'nothing_paid' });
  return payment;
}

type Asked = { orderId: string; paymentId?: string | undefined; amountFen: number; reason: string };

function refundOf(
  tx: Tx,
  actor: Actor,
  of: Pick<Held, 'user' | 'order'> & { payment: RefundPayment; input: Asked; approvalId?: string; now: Date },
) {
  const { order, payment, input, now } = of;
  const cause = payment.outcome === 'granted' ? 'finance' : payment.outcome;
  const { amountFen, reason } = input;
  return intendRefund(tx, actor, of.user, {
    order,
    payment,
    amountFen,
    cause,
    reason,
    approvalId: of.approvalId ?? null,
    now,
  });
}

/** What is frozen names the payment, so that the decision is about exactly this money. */
function askSecond(
  tx: Tx,
  actor: Actor,
  { order, payment, input, now }: { order: StoredOrder; payment: RefundPayment; input: Asked; now: Date },
): Promise<Approval> {
  const left = payment.amountFen - payment.refundingFen;
  if (input.amountFen > left)
    throw new AppError('REFUND_EXCEEDS_PAYMENT', { required: input.amountFen, available: left });
  const { amountFen, reason } = input;
  return requestApproval(tx, actor, {
    kind: 'order_refund',
    subjectType: 'order',
    subjectId: order.id,
    payload: { orderId: order.id, paymentId: payment.id, amountFen, reason },
    reason,
    now,
  });
}
