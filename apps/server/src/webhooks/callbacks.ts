import { AppError, okEnvelope } from '@yunshang/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UseCases } from '../use-cases.ts';

/** More than any callback that would be believed. */
const BODY_LIMIT_BYTES = 128 * 1024;

export const CALLBACK_PATH = '/api/internal/tasks/:taskId/steps/:stepIndex/callback';
export const RUNNINGHUB_PATH = '/api/webhooks/runninghub/:token';

/**
 * What vendors say by themselves. A cloud function proves every callback by a signature over the raw bytes and the path, so no
 * parser touches them; anything but 2xx makes it come again. RunningHub signs nothing: its word only makes us ask sooner, and is
 * answered 2xx whatever it says.
 */
export async function vendorCallbacks(
  app: FastifyInstance,
  { callbacks, hints }: Pick<UseCases, 'callbacks' | 'hints'>,
): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post<{ Params: { taskId: string; stepIndex: string } }>(
      CALLBACK_PATH,
      { bodyLimit: BODY_LIMIT_BYTES },
      async (request) => {
        const { taskId, stepIndex } = request.params;
        if (!/^\d{1,2}$/.test(stepIndex)) throw new AppError('CALLBACK_REFUSED');
        await callbacks.accept({
          taskId,
          stepIndex: Number(stepIndex),
          headers: request.headers,
          path: request.url,
          rawBody: bytesOf(request),
        });
        return okEnvelope({ accepted: true });
      },
    );
    scope.post<{ Params: { token: string } }>(RUNNINGHUB_PATH, { bodyLimit: BODY_LIMIT_BYTES }, async (request) => {
      await hints.runninghub({ token: request.params.token, body: jsonOf(request) });
      return okEnvelope({ accepted: true });
    });
  });
}

function bytesOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** Undefined for what is no JSON: a hint without a body is one too. */
function jsonOf(request: FastifyRequest): unknown {
  try {
    return JSON.parse(bytesOf(request).toString('utf8'));
  } catch {
    return undefined;
  }
}
