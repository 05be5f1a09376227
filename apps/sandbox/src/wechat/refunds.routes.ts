import type { FastifyInstance } from 'fastify';
import { parseJsonObject, rawBody } from '../http.ts';
import { VendorError } from '../vendor-call.ts';
import { createMerchantApi, type MerchantApiDeps } from './merchant-api.ts';
import type { Order, Refund } from './order.ts';
import { refundAnswer } from './refund-answer.ts';
import { refundOrder } from './refund-order.ts';

type Found = { order: Order; refund: Refund };

const answered = ({ order, refund }: Found) => ({ status: 200, json: refundAnswer(order, refund) }) as const;

/** The merchant API's refunds. */
export function registerRefunds(app: FastifyInstance, deps: MerchantApiDeps): void {
  const run = createMerchantApi(deps);

  app.post('/v3/refund/domestic/refunds', (request, reply) => {
    const body = parseJsonObject(rawBody(request));
    const number = body?.['out_refund_no'];
    return run(request, reply, {
      action: 'CreateRefund',
      outRefundNo: typeof number === 'string' ? number : undefined,
      perform: () => answered(refundOrder(deps, body)),
    });
  });

  app.get<{ Params: { outRefundNo: string } }>('/v3/refund/domestic/refunds/:outRefundNo', (request, reply) => {
    const { outRefundNo } = request.params;
    const perform = () => answered(found(deps.wechat.orders.findRefund(outRefundNo)));
    return run(request, reply, { action: 'QueryRefund', outRefundNo, perform });
  });

  app.post<{ Params: { refundId: string } }>(
    '/v3/refund/domestic/refunds/:refundId/apply-abnormal-refund',
    (request, reply) => {
      const known = deps.wechat.orders.findRefundById(request.params.refundId);
      return run(request, reply, {
        action: 'ApplyAbnormalRefund',
        outRefundNo: known?.refund.outRefundNo,
        perform: () => {
          const { order, refund } = found(known);
          if (refund.status !== 'ABNORMAL') throw new VendorError(400, 'INVALID_REQUEST', '退款单状态非退款异常');
          refund.status = 'PROCESSING';
          deps.wechat.refunds.begin(order, refund);
          return answered({ order, refund });
        },
      });
    },
  );
}

function found(known: Found | undefined): Found {
  if (known === undefined) throw new VendorError(404, 'RESOURCE_NOT_EXISTS', '退款单不存在');
  return known;
}
