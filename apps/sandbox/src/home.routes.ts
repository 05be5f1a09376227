import type { FastifyInstance } from 'fastify';
import type { SandboxState } from './app.ts';
import { escapeHtml, page, table, yuan } from './html.ts';

const STATES = { NOTPAY: '待支付', SUCCESS: '已支付', CLOSED: '已关闭' } as const;

/** The front page: which vendors are here, orders to pay, faults that are set. */
export function registerHome(app: FastifyInstance, state: SandboxState): void {
  app.get('/', (_request, reply) => {
    const { config } = state;
    const vendors = [
      ['微信支付 WeChat Pay v3', `mchid ${config.wechat.mchid}, <code>/v3/pay/transactions/native</code>`],
      [
        '对象存储 COS + 数据万象 CI',
        `<code>/${escapeHtml(config.cos.bucket)}/…</code> · ${escapeHtml(config.cos.region)}`,
      ],
      ['STS / 短信 SMS（TC3）', '<code>POST /</code> · <a href="/sms">短信发件箱 · outbox</a>'],
      ['云函数 SCF / 图片审核 IMS（TC3）', '<code>POST /</code>'],
      ['RunningHub', '<code>/task/openapi/…</code> · <code>/openapi/v2/…</code>'],
    ];
    const body = `<h1>云裳沙箱 · Yunshang sandbox</h1>${table(['服务商 · vendor', '地址 · address'], vendors)}
<h1>订单 · orders</h1>${table(['订单号 · number', '金额 · amount', '状态 · state', ''], orderRows(state))}
<h1>故障 · faults</h1>${table(['#', '服务商 · vendor', '故障 · kind', '次数 · times'], faultRows(state))}`;
    return reply.type('text/html; charset=utf-8').send(page('云裳沙箱', body));
  });
}

function orderRows({ wechat }: SandboxState): string[][] {
  return wechat.orders
    .list()
    .slice(0, 100)
    .map((order) => {
      const pay = order.state.name === 'NOTPAY' ? wechat.orders.latestToken(order) : undefined;
      const link = pay === undefined ? '' : `<a href="/pay/${encodeURIComponent(pay.token)}">去支付 · pay</a>`;
      const { out_trade_no, amount } = order.request;
      return [escapeHtml(out_trade_no), yuan(amount.total), STATES[order.state.name], link];
    });
}

function faultRows({ faults }: SandboxState): string[][] {
  return faults.list().map((fault) => [String(fault.id), fault.vendor, escapeHtml(fault.kind), String(fault.times)]);
}
