import { createPublicKey, verify } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SandboxConfig } from '../config.ts';
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

/** What a WeChat client is handed by the merchant's page. */
const clientBody = z.strictObject({
  appId: z.string(),
  timeStamp: z.string().regex(/^\d{10}$/),
  nonceStr: z.string().min(1).max(32),
  package: z.string().startsWith('prepay_id=wx'),
  signType: z.literal('RSA'),
  paySign: z.string(),
});
/** A refund moves on, when a status is given, and the merchant is told `count` times. */
const refundBody = z.strictObject({
  outRefundNo: z.string().min(1),
  status: z.enum(['SUCCESS', 'CLOSED', 'ABNORMAL']).optional(),
  count: z.number().int().min(0).max(100).default(1),
});

/** The client checks what the merchant signed for it. */
function isSignedByMerchant(config: SandboxConfig, given: z.output<typeof clientBody>): boolean {
  const { appId, timeStamp, nonceStr, package: text, paySign } = given;
  if (appId !== config.wechat.appid) return false;
  const message = Buffer.from([appId, timeStamp, nonceStr, text, ''].join('\n'));
  const key = createPublicKey(config.wechat.merchantCertPem);
  return verify('RSA-SHA256', message, key, Buffer.from(paySign, 'base64'));
}

/** Orders as the vendor sees them, payments and notifications on command. */
export function registerWechatControl(
  app: FastifyInstance,
  { config, wechat, now }: { config: SandboxConfig; wechat: Wechat; now: () => Date },
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
    const statuses = await repeat({ count, parallel }, () => wechat.notifier.sendOnce({ order }, mutation));
    return reply.send({ statuses });
  });

  app.post('/_control/wechat/pay-client', (request, reply) => {
    const parsed = clientBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const pay = wechat.orders.findToken(parsed.data.package.slice('prepay_id=wx'.length));
    if (pay === undefined || !isSignedByMerchant(config, parsed.data))
      return reply.code(403).send({ error: { code: 'SIGN_ERROR', message: 'the client refuses these parameters' } });
    const reason = whyUnpayable(pay, now());
    if (reason !== undefined) return reply.code(409).send({ error: { code: reason, message: 'cannot be paid' } });
    wechat.pay(pay.order);
    return reply.send(paymentOf(pay));
  });

  app.post('/_control/wechat/refund', async (request, reply) => {
    const parsed = refundBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const known = wechat.orders.findRefund(parsed.data.outRefundNo);
    if (known === undefined)
      return reply.code(404).send({ error: { code: 'RESOURCE_NOT_EXISTS', message: '退款单不存在' } });
    const { order, refund } = known;
    const { status, count } = parsed.data;
    if (status !== undefined && refund.status !== status) {
      refund.status = status;
      refund.successTime = status === 'SUCCESS' ? now() : undefined;
    }
    if (refund.status === 'PROCESSING') return reply.send({ statuses: [] });
    const statuses = await repeat({ count, parallel: true }, () => wechat.notifier.sendOnce({ order, refund }));
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
    refunds: order.refunds.map(({ outRefundNo, refundFen, status, notifications }) => ({
      outRefundNo,
      refundFen,
      status,
      notifications,
    })),
  };
}

function mutationOf(kind: Mutation['kind'] | undefined, totalFen = 0): Mutation | undefined {
  if (kind === undefined) return undefined;
  return kind === 'notify_wrong_amount' ? { kind, totalFen } : { kind };
}
