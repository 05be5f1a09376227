import { AppError, type JobPayload, type Order } from '@yunshang/contracts';
import { type Clock, type Database, inTransaction, recordAudit } from '@yunshang/db';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import type { NotificationInput } from '../payments/wechat/notification.ts';
import { acceptPayment } from './accept-payment.ts';
import { toOrder } from './order.ts';
import { findOrder } from './order.store.ts';
import { placeOrder, type PlaceOrderInput } from './place-order.ts';
import { reconcileOrder } from './reconcile-order.ts';

export type OrdersConfig = {
  /** When to ask WeChat Pay about an unpaid order, in ms after its creation, ascending. */
  queryScheduleMs: readonly number[];
  /** How long an order can be paid. */
  paymentWindowMs: number;
};

export type Orders = {
  /**
   * Orders a plan and answers its code to pay. PLAN_NOT_FOUND, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT; after
   * PAYMENT_UNAVAILABLE the same call can be made again and goes on with the same order.
   */
  create(input: PlaceOrderInput): Promise<Order>;
  /** ORDER_NOT_FOUND also for the orders of others. */
  get(userId: string, orderId: string): Promise<Order>;
  /** NOTIFICATION_REFUSED when it is not to be believed; any other error asks the vendor to tell it again. */
  acceptNotification(input: NotificationInput): Promise<void>;
  /** The job `order.reconcile`; an error means: deliver it again. */
  reconcile(payload: JobPayload<'order.reconcile'>): Promise<void>;
};

export function createOrders(deps: {
  database: Pick<Database, 'db'>;
  clock: Clock;
  wechat: WechatGateway;
  config: OrdersConfig;
}): Orders {
  const { clock, wechat } = deps;
  const { db } = deps.database;
  const all = { db, clock, wechat, ...deps.config };
  return {
    create: (input) => placeOrder(all, input),
    async get(userId, orderId) {
      const order = await findOrder(db, orderId, userId);
      if (order === undefined) throw new AppError('ORDER_NOT_FOUND');
      return toOrder(order);
    },
    async acceptNotification(input) {
      const notification = wechat.openNotification(input);
      const requestId = `wechat:${notification.id}`.slice(0, 64);
      if (notification.kind === 'payment') {
        const { merchant } = wechat;
        const news = { payment: notification.payment, source: 'notification', requestId } as const;
        await acceptPayment({ db, clock, merchant }, news);
        return;
      }
      const { eventType } = notification;
      await inTransaction(db, (tx) =>
        recordAudit(
          tx,
          { id: null, role: 'system', requestId },
          {
            action: 'payment.notification_unhandled',
            subjectType: 'notification',
            subjectId: notification.id.slice(0, 64),
            details: { eventType: eventType.slice(0, 64) },
            now: clock.now(),
          },
        ),
      );
    },
    reconcile: (payload) => reconcileOrder(all, payload),
  };
}
