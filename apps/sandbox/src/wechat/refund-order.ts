import { z } from 'zod';
import { VendorError } from '../vendor-call.ts';
import type { MerchantApiDeps } from './merchant-api.ts';
import { newRefundId } from './order-book.ts';
import { paramError } from './order-request.ts';
import { refundedFen, type Order, type Refund } from './order.ts';

/** Fields of a refund, under their wire names. */
const refundRequest = z
  .object({
    transaction_id: z.string().min(1).max(32).optional(),
    out_trade_no: z.string().min(6).max(32).optional(),
    out_refund_no: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[0-9A-Za-z_\-|*@]+$/),
    reason: z.string().min(1).max(80).optional(),
    notify_url: z.string().max(256).optional(),
    amount: z.object({
      refund: z.number().int().min(1),
      total: z.number().int().min(1),
      currency: z.literal('CNY'),
    }),
  })
  .refine((body) => (body.transaction_id === undefined) !== (body.out_trade_no === undefined), {
    path: ['transaction_id'],
  });

const YEAR_MS = 365 * 24 * 3_600_000;
const MOST_REFUNDS = 50;

/** Takes the refund, or finds the same one again; nothing is given back twice under one number. */
export function refundOrder(
  deps: MerchantApiDeps,
  body: Record<string, unknown> | undefined,
): { order: Order; refund: Refund } {
  if (body === undefined) throw new VendorError(400, 'PARAM_ERROR', '请求体不是合法的JSON');
  const parsed = refundRequest.safeParse(body);
  if (!parsed.success) {
    const field = `/${parsed.error.issues[0]?.path.join('/') ?? ''}`;
    throw paramError(field, undefined, '此字段为必填项、类型不符或不符合格式要求');
  }
  const request = parsed.data;
  const { orders } = deps.wechat;
  const order =
    request.transaction_id === undefined
      ? orders.find(request.out_trade_no ?? '')
      : orders.findByTransactionId(request.transaction_id);
  if (order?.state.name !== 'SUCCESS') throw new VendorError(404, 'RESOURCE_NOT_EXISTS', '订单不存在');
  const { amount } = request;
  const earlier = orders.findRefund(request.out_refund_no);
  if (earlier !== undefined) {
    if (earlier.order !== order || earlier.refund.refundFen !== amount.refund)
      throw new VendorError(400, 'INVALID_REQUEST', '商户退款单号重复，请求参数与原退款单不一致');
    return earlier;
  }
  const now = deps.now();
  const { payment } = order.state;
  if (amount.total !== payment.totalFen)
    throw new VendorError(400, 'INVALID_REQUEST', '订单金额或退款金额与之前请求不一致，请核实后再试');
  if (now.getTime() - payment.successTime.getTime() > YEAR_MS)
    throw new VendorError(400, 'INVALID_REQUEST', '交易时间超过一年的订单无法提交退款');
  if (refundedFen(order) + amount.refund > payment.totalFen)
    throw new VendorError(400, 'INVALID_REQUEST', '申请退款金额大于订单剩余可退金额');
  if (order.refunds.length >= MOST_REFUNDS) throw new VendorError(400, 'INVALID_REQUEST', '超过最大退款次数，请确认');
  const refund: Refund = {
    refundId: newRefundId(now),
    outRefundNo: request.out_refund_no,
    refundFen: amount.refund,
    reason: request.reason,
    notifyUrl: request.notify_url,
    createdAt: now,
    status: 'PROCESSING',
    successTime: undefined,
    notifications: [],
  };
  order.refunds.push(refund);
  deps.wechat.refunds.begin(order, refund);
  return { order, refund };
}
