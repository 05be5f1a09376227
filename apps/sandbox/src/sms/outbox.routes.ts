import type { FastifyInstance } from 'fastify';
import { escapeHtml, page, table } from '../html.ts';
import type { Outbox } from './outbox.ts';

/** The outbox for people; /_control/sms is the same for programs. */
export function registerOutboxPage(app: FastifyInstance, outbox: Outbox): void {
  app.get('/sms', (_request, reply) => {
    const rows = outbox
      .list()
      .slice(0, 200)
      .map((message) => [message.sentAt, message.phone, message.text].map(escapeHtml));
    const body = `<h1>短信发件箱 · SMS outbox</h1>${table(['时间 · time', '手机号 · phone', '内容 · text'], rows)}
<p><a href="/">返回 · back</a></p>`;
    return reply.type('text/html; charset=utf-8').send(page('短信发件箱', body));
  });
}
