import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseJsonObject, rawBody } from '../http.ts';
import { VendorError } from '../vendor-call.ts';
import type { Success } from './answers.ts';
import { assertOwnMchid, createMerchantApi, type MerchantApiDeps } from './merchant-api.ts';
import { ORDER_KINDS } from './order-request.ts';
import { codeUrl, h5Url, prepayId, type Order } from './order.ts';
import { ORDER_ACTIONS, placeOrder } from './place-order.ts';
import { transactionOf } from './transaction.ts';

type ByNumber = { Params: { outTradeNo: string } };
type ById = { Params: { transactionId: string } };

const NO_CERTIFICATES =
  '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。可查看指引https://pay.weixin.qq.com/doc/v3/merchant/4012153196';

/** What each kind of order is answered with. */
const PAY_WITH = {
  native: (token: string) => ({ code_url: codeUrl(token) }),
  jsapi: (token: string) => ({ prepay_id: prepayId(token) }),
  h5: (token: string) => ({ h5_url: h5Url(token) }),
};

/** The merchant API of a direct merchant that holds WeChat Pay's public key: orders. */
export function registerTransactions(app: FastifyInstance, deps: MerchantApiDeps): void {
  const { config, wechat, now } = deps;
  const run = createMerchantApi(deps);
  const query = (request: FastifyRequest, order: Order | undefined): Success => {
    assertOwnMchid(config, new URL(request.raw.url ?? '/', 'http://sandbox').searchParams.get('mchid'));
    return { status: 200, json: transactionOf(found(order)) };
  };

  for (const kind of ORDER_KINDS)
    app.post(`/v3/pay/transactions/${kind}`, (request, reply) => {
      const body = parseJsonObject(rawBody(request));
      const number = body?.['out_trade_no'];
      return run(request, reply, {
        action: ORDER_ACTIONS[kind],
        outTradeNo: typeof number === 'string' ? number : undefined,
        perform: async () => ({ status: 200, json: PAY_WITH[kind](await placeOrder(deps, kind, body)) }),
      });
    });

  app.get<ByNumber>('/v3/pay/transactions/out-trade-no/:outTradeNo', (request, reply) => {
    const { outTradeNo } = request.params;
    const perform = () => query(request, wechat.orders.find(outTradeNo));
    return run(request, reply, { action: 'QueryByOutTradeNo', outTradeNo, perform });
  });

  app.get<ById>('/v3/pay/transactions/id/:transactionId', (request, reply) => {
    const order = wechat.orders.findByTransactionId(request.params.transactionId);
    const outTradeNo = order?.request.out_trade_no;
    return run(request, reply, { action: 'QueryById', outTradeNo, perform: () => query(request, order) });
  });

  app.post<ByNumber>('/v3/pay/transactions/out-trade-no/:outTradeNo/close', (request, reply) => {
    const { outTradeNo } = request.params;
    const perform = (): Success => {
      assertOwnMchid(config, parseJsonObject(rawBody(request))?.['mchid']);
      closeOrder(found(wechat.orders.find(outTradeNo)), now());
      return { status: 204 };
    };
    return run(request, reply, { action: 'CloseOrder', outTradeNo, perform });
  });

  app.get('/v3/certificates', (request, reply) =>
    run(request, reply, { action: 'ListCertificates', perform: refuseCertificates }),
  );
}

function refuseCertificates(): never {
  throw new VendorError(404, 'RESOURCE_NOT_EXISTS', NO_CERTIFICATES);
}

const PATHS =
  /^\/v3\/(certificates|bill\/(tradebill|fundflowbill)|billdownload\/file|pay\/transactions\/(native|jsapi|h5|id\/[^/]+|out-trade-no\/[^/]+(\/close)?)|refund\/domestic\/refunds(\/[^/]+(\/apply-abnormal-refund)?)?)$/;

/** Addresses of this API: a wrong method on one of them is 405, with an empty body like 404. */
export function isMerchantPath(url: string): boolean {
  const path = url.split('?')[0] ?? '';
  return PATHS.test(path);
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
