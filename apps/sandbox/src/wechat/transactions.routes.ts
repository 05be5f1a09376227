import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import { runVendorCall, VendorError, type Answer } from '../vendor-call.ts';
import { assertKnownSerial, refusal, signedAnswer } from './answers.ts';
import { createAuthorizer } from './authorization.ts';
import { isSameOrder, paramError, parseNativeOrder, payableUntil } from './native-order.ts';
import { codeUrl, type Order } from './order.ts';
import { signTestProbe } from './platform-signature.ts';
import { transactionOf } from './transaction.ts';
import { markPaid, type Wechat } from './wechat.ts';

export type WechatRouteDeps = {
  config: SandboxConfig;
  faults: FaultBoard;
  log: CallLog;
  now: () => Date;
  wechat: Wechat;
};

type Call = { action: string; outTradeNo?: string; perform: () => Answer | Promise<Answer> };

/** The merchant API, direct merchant, native payment. */
export function registerTransactions(app: FastifyInstance, deps: WechatRouteDeps): void {
  const { config, wechat, now } = deps;
  const authorize = createAuthorizer(config.wechat, now);

  const run = (request: FastifyRequest, reply: FastifyReply, call: Call) => {
    const ids = call.outTradeNo === undefined ? {} : { outTradeNo: call.outTradeNo };
    const target = { vendor: 'wechat', action: call.action, ids } as const;
    return runVendorCall(deps, reply, {
      ...target,
      authenticate() {
        authorize(request);
        assertKnownSerial(request, wechat.signer);
      },
      async perform() {
        const answer = await call.perform();
        const probe = deps.faults.take(target, ['answer_bad_signature']);
        return probe === undefined
          ? answer
          : { ...answer, headers: { ...answer.headers, 'Wechatpay-Signature': signTestProbe() } };
      },
      refuse: refusal,
    });
  };
  const answer = (request: FastifyRequest, json: unknown): Answer =>
    signedAnswer(request, { signer: wechat.signer, now }, { status: 200, json });

  app.post('/v3/pay/transactions/native', (request, reply) => {
    const body = parseJsonObject(rawBody(request));
    const outTradeNo = typeof body?.['out_trade_no'] === 'string' ? { outTradeNo: body['out_trade_no'] } : {};
    return run(request, reply, {
      action: 'CreateNativeOrder',
      ...outTradeNo,
      perform: async () => answer(request, { code_url: codeUrl(await placeOrder(deps, body)) }),
    });
  });

  app.get<{ Params: { outTradeNo: string } }>('/v3/pay/transactions/out-trade-no/:outTradeNo', (request, reply) => {
    const { outTradeNo } = request.params;
    const perform = () => {
      assertOwnMchid(config, queryOf(request).get('mchid'));
      return answer(request, transactionOf(found(wechat.orders.find(outTradeNo))));
    };
    return run(request, reply, { action: 'QueryByOutTradeNo', outTradeNo, perform });
  });

  app.get<{ Params: { transactionId: string } }>('/v3/pay/transactions/id/:transactionId', (request, reply) => {
    const order = wechat.orders.findByTransactionId(request.params.transactionId);
    const perform = () => {
      assertOwnMchid(config, queryOf(request).get('mchid'));
      return answer(request, transactionOf(found(order)));
    };
    const outTradeNo = order === undefined ? {} : { outTradeNo: order.request.out_trade_no };
    return run(request, reply, { action: 'QueryById', ...outTradeNo, perform });
  });

  app.post<{ Params: { outTradeNo: string } }>(
    '/v3/pay/transactions/out-trade-no/:outTradeNo/close',
    (request, reply) => {
      const { outTradeNo } = request.params;
      const perform = () => {
        assertOwnMchid(config, parseJsonObject(rawBody(request))?.['mchid']);
        closeOrder(found(wechat.orders.find(outTradeNo)), now());
        return signedAnswer(request, { signer: wechat.signer, now }, { status: 204 });
      };
      return run(request, reply, { action: 'CloseOrder', outTradeNo, perform });
    },
  );

  app.get('/v3/certificates', (request, reply) =>
    run(request, reply, {
      action: 'ListCertificates',
      perform() {
        throw new VendorError(
          404,
          'RESOURCE_NOT_EXISTS',
          '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/doc/v3/merchant/4012153196',
        );
      },
    }),
  );
}

/** Takes the order, or the same one again, and answers a fresh token for its QR code. */
async function placeOrder(deps: WechatRouteDeps, body: Record<string, unknown> | undefined): Promise<string> {
  const { config, wechat } = deps;
  if (body === undefined) throw new VendorError(400, 'PARAM_ERROR', '请求体不是合法的JSON');
  const request = parseNativeOrder(body);
  assertOwnMchid(config, request.mchid);
  if (request.appid !== config.wechat.appid) {
    throw new VendorError(400, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配，请检查后再试');
  }
  const existing = wechat.orders.find(request.out_trade_no);
  if (existing?.state.name === 'CLOSED') throw new VendorError(400, 'ORDER_CLOSED', '该订单已关闭，请重新下单');
  if (existing !== undefined && (existing.state.name === 'SUCCESS' || !isSameOrder(existing.request, request))) {
    throw new VendorError(403, 'OUT_TRADE_NO_USED', '商户订单号重复，请核实商户订单号是否重复提交');
  }
  const at = deps.now();
  if (existing !== undefined) return wechat.orders.issueToken(existing, at).token;
  const order: Order = {
    request,
    tradeType: 'NATIVE',
    createdAt: at,
    payableUntil: payableUntil(request, at),
    state: { name: 'NOTPAY' },
    notifications: [],
  };
  wechat.orders.add(order);
  const { token } = wechat.orders.issueToken(order, at);
  await payEarly(deps, order);
  return token;
}

/** With that fault set, the member has paid and the merchant is told before the order's own answer leaves. */
async function payEarly(deps: WechatRouteDeps, order: Order): Promise<void> {
  const ids = { outTradeNo: order.request.out_trade_no };
  const early = deps.faults.take({ vendor: 'wechat', action: 'CreateNativeOrder', ids }, ['notify_early']);
  if (early === undefined) return;
  markPaid(deps, order);
  await deps.wechat.notifier.announceNow(order);
}

/** Closing is re-entrant; what was paid cannot be closed. */
function closeOrder(order: Order, at: Date): void {
  if (order.state.name === 'SUCCESS') throw new VendorError(400, 'INVALID_REQUEST', '该订单已支付，不能关闭');
  if (order.state.name === 'NOTPAY') order.state = { name: 'CLOSED', closedAt: at };
}

function found(order: Order | undefined): Order {
  if (order === undefined) throw new VendorError(404, 'ORDER_NOT_EXIST', '订单不存在');
  return order;
}

function assertOwnMchid(config: SandboxConfig, mchid: unknown): void {
  if (typeof mchid !== 'string' || mchid === '') throw paramError('/mchid', mchid, '此字段为必填项或类型不符');
  if (mchid !== config.wechat.mchid) {
    throw new VendorError(400, 'INVALID_REQUEST', '请求中的商户号与Http头Authorization中的mchid不一致');
  }
}

function queryOf(request: FastifyRequest): URLSearchParams {
  return new URL(request.raw.url ?? '/', 'http://sandbox').searchParams;
}
