import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SandboxConfig } from '../config.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import { billPlan } from '../wechat/bill-plan.ts';
import { newRefundId, newTransactionId } from '../wechat/order-book.ts';
import type { Order, Refund } from '../wechat/order.ts';
import type { Wechat } from '../wechat/wechat.ts';
import { refuseBody } from './control-error.ts';

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const fen = z.number().int().positive();
const bookedRefund = z.strictObject({
  outRefundNo: z.string().min(1),
  refundId: z.string().min(1).optional(),
  refundFen: fen,
  createdAt: instant,
  status: z.enum(['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL']).default('SUCCESS'),
});
/** Payments as if they had been made through the counter, at any time. */
const bookBody = z.strictObject({
  orders: z.array(
    z.strictObject({
      outTradeNo: z.string().min(6).max(32),
      transactionId: z.string().min(1).optional(),
      totalFen: fen,
      paidAt: instant,
      description: z.string().default('云裳 BASIC'),
      refunds: z.array(bookedRefund).default([]),
    }),
  ),
});
type Booked = z.output<typeof bookBody>['orders'][number];

/** Fills the vendor's book and decides how its bills are wrong. */
export function registerBillControl(
  app: FastifyInstance,
  { config, wechat }: { config: SandboxConfig; wechat: Wechat },
): void {
  app.post('/_control/wechat/book', (request, reply) => {
    const parsed = bookBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    for (const booked of parsed.data.orders) wechat.orders.add(orderOf(config, booked));
    return reply.send({ orders: parsed.data.orders.length });
  });

  app.post('/_control/wechat/bill', (request, reply) => {
    const parsed = billPlan.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    wechat.bills.set(parsed.data);
    return reply.send({ status: 'ok' });
  });
}

function orderOf({ wechat: { appid, mchid } }: SandboxConfig, booked: Booked): Order {
  const { outTradeNo, totalFen, paidAt, description } = booked;
  return {
    request: {
      appid,
      mchid,
      description,
      out_trade_no: outTradeNo,
      notify_url: 'https://booked.invalid/notify',
      amount: { total: totalFen, currency: 'CNY' },
    },
    kind: 'native',
    createdAt: paidAt,
    payableUntil: paidAt,
    state: {
      name: 'SUCCESS',
      payment: { transactionId: booked.transactionId ?? newTransactionId(paidAt), successTime: paidAt, totalFen },
    },
    notifications: [],
    refunds: booked.refunds.map(refundOf),
  };
}

function refundOf(refund: Booked['refunds'][number]): Refund {
  return {
    refundId: refund.refundId ?? newRefundId(refund.createdAt),
    outRefundNo: refund.outRefundNo,
    refundFen: refund.refundFen,
    reason: undefined,
    notifyUrl: undefined,
    createdAt: refund.createdAt,
    status: refund.status,
    successTime: refund.status === 'SUCCESS' ? refund.createdAt : undefined,
    notifications: [],
  };
}
