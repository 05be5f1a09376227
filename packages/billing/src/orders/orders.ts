import {
  AppError,
  type JobPayload,
  type Order,
  type OrderDetail,
  type OrderRecord,
  type OrderStatus,
} from '@yunshang/contracts';
import { type Clock, type Database, type Db, inTransaction, recordAudit } from '@yunshang/db';
import type { WechatGateway } from '../payments/wechat/wechat.gateway.ts';
import type { NotificationInput } from '../payments/wechat/notification.ts';
import { acceptPayment } from './accept-payment.ts';
import { recordRefund } from '../refunds/record-refund.ts';
import { findOrder } from './order.store.ts';
import { getDetail, searchOrders, viewOrder, viewOrders } from './order-views.ts';
import type { StoredOrder } from './order.ts';
import { placeOrder, type PlaceOrderInput } from './place-order.ts';
import { reconcileOrder } from './reconcile-order.ts';

export type OrdersConfig = {
  /** When to ask WeChat Pay about an unpaid order, in ms after its creation, ascending. */
  queryScheduleMs: readonly number[];
  /** How long an order can be paid. */
  paymentWindowMs: number;
};

type Page<T> = { items: T[]; nextCursor: string | null };
export type OrderSearch = {
  number?: string | undefined;
  userId?: string | undefined;
  status?: OrderStatus | undefined;
  cursor?: string | undefined;
  limit: number;
};

export type Orders = {
  /**
   * Orders a plan and answers what to pay it with. PLAN_NOT_FOUND, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_FLIGHT; after
   * PAYMENT_UNAVAILABLE the same call can be made again and goes on with the same order.
   */
  create(input: PlaceOrderInput): Promise<Order>;
  /** ORDER_NOT_FOUND also for the orders of others. */
  get(userId: string, orderId: string): Promise<Order>;
  /** The newest first. */
  list(userId: string, page: { cursor?: string | undefined; limit: number }): Promise<Page<Order>>;
  /** For finance: whose orders they are does not matter. */
  search(page: OrderSearch): Promise<Page<OrderRecord>>;
  /** With payments and refunds. ORDER_NOT_FOUND. */
  detail(orderId: string): Promise<OrderDetail>;
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
  const sign = (prepayId: string) => wechat.signClientParams(prepayId);
  const all = { db, clock, wechat, ...deps.config, view: (on: Db, order: StoredOrder) => viewOrder(on, order, sign) };
  return {
    create: (input) => placeOrder(all, input),
    async get(userId, orderId) {
      const order = await findOrder(db, orderId, userId);
      if (order === undefined) throw new AppError('ORDER_NOT_FOUND');
      return viewOrder(db, order, sign);
    },
    list: (userId, page) => viewOrders(db, { userId, ...page }, sign),
    search: (page) => searchOrders(db, page),
    detail: (orderId) => getDetail(db, orderId),
    async acceptNotification(input) {
      const notification = wechat.openNotification(input);
      const requestId = `wechat:${notification.id}`.slice(0, 64);
      if (notification.kind === 'payment') {
        const { merchant } = wechat;
        const news = { payment: notification.payment, source: 'notification', requestId } as const;
        await acceptPayment({ db, clock, merchant }, news);
        return;
      }
      if (notification.kind === 'refund') {
        const { refund } = notification;
        const status = await recordRefund({ db, clock }, { refund, requestId });
        if (status !== 'unknown') return;
      }
      const eventType = notification.kind === 'refund' ? 'REFUND of a number that is not ours' : notification.eventType;
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
