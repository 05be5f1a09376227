import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseJsonObject, rawBody } from '../http.ts';
import { repeat } from '../notify.ts';
import { MUTATION_KINDS, type Mutation } from '../wechat/notification.ts';
import { codeUrl, whyUnpayable, type Order } from '../wechat/order.ts';
import { paymentOf } from '../wechat/pay-page.routes.ts';
import { transactionOf } from '../wechat/transaction.ts';
import type { Wechat } from '../wechat/wechat.ts';
import { refuseBody } from './control-error.ts';

const payBody = z.strictObject({ outTradeNo: z.string().min(1) });
const notifyBody = z
  .strictObject({
    outTradeNo: z.string().min(1),
    count: z.number().int().min(1).max(100).default(1),
    parallel: z.boolean().default(true),
    kind: z.enum(MUTATION_KINDS).optional(),
    totalFen: z.number().int().nonnegative().optional(),
  })
  .refine((body) => (body.kind === 'notify_wrong_amount') === (body.totalFen !== undefined), {
    path: ['totalFen'],
    message: 'belongs to notify_wrong_amount, and only to it',
  });

/** Orders as the vendor sees them, payments and notifications on command. */
export function registerWechatControl(
  app: FastifyInstance,
  { wechat, now }: { wechat: Wechat; now: () => Date },
): void {
  app.post('/_control/wechat/pay', (request, reply) => {
    const parsed = payBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const order = wechat.orders.find(parsed.data.outTradeNo);
    const pay = order === undefined ? undefined : wechat.orders.latestToken(order);
    if (pay === undefined) return reply.code(404).send({ error: { code: 'ORDER_NOT_EXIST', message: '订单不存在' } });
    const reason = whyUnpayable(pay, now());
    if (reason !== undefined) return reply.code(409).send({ error: { code: reason, message: 'cannot be paid' } });
    wechat.pay(pay.order);
    return reply.send(paymentOf(pay));
  });

  app.post('/_control/wechat/notify', async (request, reply) => {
    const parsed = notifyBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const { outTradeNo, count, parallel, kind, totalFen } = parsed.data;
    const order = wechat.orders.find(outTradeNo);
    if (order?.state.name !== 'SUCCESS') {
      return reply.code(409).send({ error: { code: 'NOT_PAID', message: 'only paid orders are notified' } });
    }
    const mutation = mutationOf(kind, totalFen);
    const statuses = await repeat({ count, parallel }, () => wechat.notifier.sendOnce(order, mutation));
    return reply.send({ statuses });
  });

  app.get<{ Params: { outTradeNo: string } }>('/_control/wechat/orders/:outTradeNo', (request, reply) => {
    const order = wechat.orders.find(request.params.outTradeNo);
    if (order === undefined) return reply.code(404).send({ error: { code: 'ORDER_NOT_EXIST', message: '订单不存在' } });
    return reply.send(orderView(wechat, order));
  });
}

function orderView(wechat: Wechat, order: Order): Record<string, unknown> {
  const pay = wechat.orders.latestToken(order);
  return {
    ...paymentOf({ order }),
    codeUrl: pay === undefined ? null : codeUrl(pay.token),
    payPath: pay === undefined ? null : `/pay/${pay.token}`,
    request: order.request,
    transaction: transactionOf(order),
    notifications: order.notifications,
  };
}

function mutationOf(kind: Mutation['kind'] | undefined, totalFen = 0): Mutation | undefined {
  if (kind === undefined) return undefined;
  return kind === 'notify_wrong_amount' ? { kind, totalFen } : { kind };
}
