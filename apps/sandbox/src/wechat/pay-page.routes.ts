import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import QRCode from 'qrcode';
import { header } from '../http.ts';
import { escapeHtml, page, yuan } from '../html.ts';
import { codeUrl, whyUnpayable, type PayToken } from './order.ts';
import type { Wechat } from './wechat.ts';

const REASONS = {
  paid: '订单已支付 · already paid',
  closed: '订单已关闭 · order closed',
  code_expired: '二维码已过期 · code expired',
  order_expired: '已过支付截止时间 · too late to pay',
} as const;

type TokenRoute = { Params: { token: string } };

/** Scan and pay: what a phone would show, for people (HTML) and for tests (JSON). */
export function registerPayPage(app: FastifyInstance, deps: { wechat: Wechat; now: () => Date }): void {
  app.get<TokenRoute>('/pay/:token', async (request, reply) => {
    const pay = deps.wechat.orders.findToken(request.params.token);
    if (pay === undefined) return html(reply, 404, '<p class="big">二维码无效</p><p>unknown code</p>');
    return html(reply, 200, await payCard(pay, deps.now()));
  });

  app.post<TokenRoute>('/pay/:token', async (request, reply) => {
    const pay = deps.wechat.orders.findToken(request.params.token);
    const wantsHtml = wantsPage(request);
    if (pay === undefined) {
      if (wantsHtml) return html(reply, 404, '<p class="big">二维码无效</p><p>unknown code</p>');
      return reply.code(404).send({ error: { code: 'UNKNOWN_CODE', message: 'no such code' } });
    }
    const reason = whyUnpayable(pay, deps.now());
    if (reason === undefined) deps.wechat.pay(pay.order);
    if (wantsHtml) return html(reply, reason === undefined ? 200 : 409, await payCard(pay, deps.now()));
    if (reason !== undefined) return reply.code(409).send({ error: { code: reason, message: REASONS[reason] } });
    return reply.send(paymentOf(pay));
  });
}

/** What a test gets back for paying. */
export function paymentOf(pay: Pick<PayToken, 'order'>): Record<string, unknown> {
  const { request, state } = pay.order;
  const head = { outTradeNo: request.out_trade_no, tradeState: state.name };
  if (state.name !== 'SUCCESS') return head;
  const { transactionId, successTime, totalFen } = state.payment;
  return { ...head, transactionId, successTime: successTime.toISOString(), totalFen };
}

function wantsPage(request: FastifyRequest): boolean {
  const isForm = header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true;
  return isForm && header(request, 'accept')?.includes('text/html') === true;
}

function html(reply: FastifyReply, status: number, card: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(page('微信支付沙箱', `<div class="card">${card}</div>`));
}

async function payCard(pay: PayToken, now: Date): Promise<string> {
  const { request } = pay.order;
  const reason = whyUnpayable(pay, now);
  const head = `<p class="quiet">微信支付（沙箱）· WeChat Pay sandbox</p><h1>${escapeHtml(request.description)}</h1>
<p class="big">${yuan(request.amount.total)}</p><p class="quiet">${escapeHtml(request.out_trade_no)}</p>`;
  if (reason === 'paid') return `${head}<p class="big">✓ 支付成功</p><p>paid</p>`;
  if (reason !== undefined) return `${head}<p>${REASONS[reason]}</p>`;
  const qr = await QRCode.toString(codeUrl(pay.token), { type: 'svg', margin: 1 });
  return `${head}${qr}<form method="post" action="/pay/${encodeURIComponent(pay.token)}"><button>立即支付 · Pay</button></form>`;
}
