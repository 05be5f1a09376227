import { AppError, ERRORS, httpStatusOf } from '@yunshang/contracts';
import type { FastifyInstance } from 'fastify';
import { asAppError } from '../errors/as-app-error.ts';
import { logError } from '../errors/error-answer.ts';
import type { UseCases } from '../use-cases.ts';

/** WeChat waits 5 s and then sends again; by then we have answered that it should. */
const ANSWER_WITHIN_MS = 4_500;
const BODY_LIMIT_BYTES = 64 * 1024;

export const WECHAT_PAY_PATH = '/api/webhooks/wechat/pay';

/**
 * WeChat Pay's notification. The signature covers the raw bytes, so no parser touches them. 204 means "done"; any other
 * status makes WeChat send again, on its own schedule for a day.
 */
export async function wechatPayWebhook(app: FastifyInstance, orders: Pick<UseCases['orders'], 'acceptNotification'>) {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((thrown, request, reply) => {
      const error = asAppError(thrown);
      request.errorCode = error.code;
      logError(request.log, error);
      return reply.code(httpStatusOf(error.code)).send({ code: 'FAIL', message: ERRORS[error.code].zh });
    });
    scope.post(WECHAT_PAY_PATH, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
      const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      await within(ANSWER_WITHIN_MS, orders.acceptNotification({ headers: singleHeaders(request.headers), rawBody }));
      return reply.code(204).send();
    });
  });
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError('SERVICE_UNAVAILABLE', { reason: 'timeout' })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function singleHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
