import { VendorError } from '../vendor-call.ts';
import { assertOwnMchid, type MerchantApiDeps } from './merchant-api.ts';
import { isSameOrder, type OrderKind, parseOrder, payableUntil } from './order-request.ts';
import type { Order } from './order.ts';
import { markPaid } from './wechat.ts';

/** Takes the order, or the same one again, and answers a fresh token to pay it with. */
export async function placeOrder(
  deps: MerchantApiDeps,
  kind: OrderKind,
  body: Record<string, unknown> | undefined,
): Promise<string> {
  const { config, wechat } = deps;
  if (body === undefined) throw new VendorError(400, 'PARAM_ERROR', '请求体不是合法的JSON');
  const request = parseOrder(kind, body);
  assertOwnMchid(config, request.mchid);
  if (request.appid !== config.wechat.appid) {
    throw new VendorError(400, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配，请检查后再试');
  }
  const existing = wechat.orders.find(request.out_trade_no);
  if (existing?.state.name === 'CLOSED') throw new VendorError(400, 'ORDER_CLOSED', '该订单已关闭，请重新下单');
  const isOther = existing !== undefined && (existing.kind !== kind || !isSameOrder(existing.request, request));
  if (existing !== undefined && (existing.state.name === 'SUCCESS' || isOther)) {
    throw new VendorError(403, 'OUT_TRADE_NO_USED', '商户订单号重复，请核实商户订单号是否重复提交');
  }
  const at = deps.now();
  if (existing !== undefined) return wechat.orders.issueToken(existing, at).token;
  const order: Order = {
    request,
    kind,
    createdAt: at,
    payableUntil: payableUntil(request, at),
    state: { name: 'NOTPAY' },
    notifications: [],
    refunds: [],
  };
  wechat.orders.add(order);
  const { token } = wechat.orders.issueToken(order, at);
  await payEarly(deps, order);
  return token;
}

export const ORDER_ACTIONS = {
  native: 'CreateNativeOrder',
  jsapi: 'CreateJsapiOrder',
  h5: 'CreateH5Order',
} as const satisfies Record<OrderKind, string>;

/** With that fault set, the member has paid and the merchant is told before the order's own answer leaves. */
async function payEarly(deps: MerchantApiDeps, order: Order): Promise<void> {
  const ids = { outTradeNo: order.request.out_trade_no };
  const early = deps.faults.take({ vendor: 'wechat', action: ORDER_ACTIONS[order.kind], ids }, ['notify_early']);
  if (early === undefined) return;
  markPaid(deps, order);
  await deps.wechat.notifier.announceNow({ order });
}
