import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import { createBillPlans, type BillPlans } from './bill-plan.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import { createOrderBook, newTransactionId, type OrderBook } from './order-book.ts';
import type { Order } from './order.ts';
import { createPlatformSigner, type PlatformSigner } from './platform-signature.ts';
import { createRefundWork, type RefundWork } from './refund-work.ts';

/** WeChat Pay's side of the counter: what it remembers, signs with and tells the merchant. */
export type Wechat = {
  orders: OrderBook;
  signer: PlatformSigner;
  notifier: Notifier;
  refunds: RefundWork;
  bills: BillPlans;
  /** The member pays: the order becomes SUCCESS and the merchant is told. The order must be unpaid. */
  pay(order: Order): void;
  reset(): void;
};

type WechatDeps = { config: SandboxConfig; faults: FaultBoard; log: CallLog; now: () => Date };

export function createWechat(deps: WechatDeps): Wechat {
  const orders = createOrderBook();
  const signer = createPlatformSigner(deps.config.wechat);
  const notifier = createNotifier({ ...deps, signer });
  const refunds = createRefundWork({ ...deps, notifier });
  const bills = createBillPlans();
  return {
    orders,
    signer,
    notifier,
    refunds,
    bills,
    pay(order) {
      markPaid(deps, order);
      notifier.announce({ order });
    },
    reset() {
      notifier.stop();
      refunds.stop();
      orders.reset();
      bills.reset();
    },
  };
}

/** Makes the order SUCCESS, for another sum when that fault is set. */
export function markPaid(deps: Pick<WechatDeps, 'faults' | 'now'>, order: Order): void {
  if (order.state.name !== 'NOTPAY') throw new Error(`order is ${order.state.name}`);
  const target = { vendor: 'wechat', action: 'Pay', ids: { outTradeNo: order.request.out_trade_no } } as const;
  const wrongAmount = deps.faults.take(target, ['pay_wrong_amount']);
  const successTime = deps.now();
  order.state = {
    name: 'SUCCESS',
    payment: {
      transactionId: newTransactionId(successTime),
      successTime,
      totalFen: wrongAmount?.totalFen ?? order.request.amount.total,
    },
  };
}
