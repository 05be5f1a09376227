import { callTRPCProcedure, getTRPCErrorFromUnknown, type TRPCError } from '@trpc/server';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import { AppError, httpStatusOf } from '@yunshang/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asAppError, notJson } from '../errors/as-app-error.ts';
import { errorHeaders, logError } from '../errors/error-answer.ts';
import { appRouter } from '../router.ts';
import { errorShapeOf, listProcedures } from './procedures.ts';
import { contextOf, type Context, type EdgeServices } from './context.ts';

const MAX_BATCH = 20;
/** Procedure path → query, mutation or subscription. */
const TYPES = new Map(listProcedures(appRouter).map(({ path, type }) => [path, type]));

type Route = { Params: { path: string }; Querystring: { batch?: string | string[] } };

/** As the adapter reads it: the first of several counts. */
function isBatchOf(request: FastifyRequest<Route>): boolean {
  return [request.query.batch].flat()[0] === '1';
}

/**
 * tRPC under /trpc. Mutations, and batches of them, are answered here at a third of the CPU of the official adapter
 * (no WHATWG Request, no chunked answer); everything else (queries, streams, subscriptions) is the adapter's.
 */
export function trpcRoutes(app: FastifyInstance, services: EdgeServices): void {
  app.route<Route>({
    method: ['GET', 'POST'],
    url: '/trpc/:path',
    // The adapter answers with a Response, which Fastify's own HEAD can not measure.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const calls = isBatchOf(request) ? request.params.path.split(',').length : 1;
      if (calls > MAX_BATCH)
        throw new AppError('PAYLOAD_TOO_LARGE', { reason: `at most ${MAX_BATCH} calls in a batch` });
      const isPlainPost = request.method === 'POST' && request.headers['trpc-accept'] === undefined;
      if (isPlainPost) return answerMutations(services, request, reply);
      return fastifyRequestHandler({
        router: appRouter,
        req: request,
        res: reply,
        path: request.params.path,
        createContext: () => contextOf(services, request, calls),
        responseMeta: ({ errors }) => ({
          headers: Object.assign({}, ...errors.map((e) => errorHeaders(asAppError(e)))),
        }),
        onError: ({ error }) => note(request, error),
      });
    },
  });
}

async function answerMutations(services: EdgeServices, request: FastifyRequest<Route>, reply: FastifyReply) {
  const isBatch = isBatchOf(request);
  const paths = isBatch ? request.params.path.split(',') : [request.params.path];
  const body = parseBody(request.body);
  const inputOf = (index: number): unknown => (isBatch ? memberOf(body, String(index)) : body);
  const ctx = contextOf(services, request, paths.length);
  const answers = await Promise.all(
    paths.map((path, index) => answerMutation({ ctx, path, index, input: inputOf(index), request, reply })),
  );
  const statuses = new Set(answers.map((answer) => answer.status));
  const bodies = answers.map((answer) => answer.body);
  reply.code(statuses.size === 1 ? (answers[0]?.status ?? 200) : 207);
  return reply.header('content-type', 'application/json').send(JSON.stringify(isBatch ? bodies : bodies[0]));
}

type Call = { ctx: Context; path: string; index: number; input: unknown; request: FastifyRequest; reply: FastifyReply };

async function answerMutation(call: Call): Promise<{ status: number; body: object }> {
  const { ctx, path, index, input, request, reply } = call;
  try {
    assertMutation(path);
    const data: unknown = await callTRPCProcedure({
      router: appRouter,
      path,
      type: 'mutation',
      ctx,
      getRawInput: async () => input,
      signal: undefined,
      batchIndex: index,
    });
    return { status: 200, body: { result: { data } } };
  } catch (thrown) {
    const error = getTRPCErrorFromUnknown(thrown);
    const known = note(request, error);
    reply.headers(errorHeaders(known));
    const shape = errorShapeOf(appRouter, { error, type: 'mutation', path, input, ctx });
    return { status: httpStatusOf(known.code), body: { error: shape } };
  }
}

function assertMutation(path: string): void {
  const type = TYPES.get(path);
  if (type === undefined) throw new AppError('ROUTE_NOT_FOUND');
  if (type !== 'mutation') throw new AppError('METHOD_NOT_ALLOWED');
}

/** Logs an error once and leaves its code for the access line. */
function note(request: FastifyRequest, error: TRPCError): AppError {
  const known = asAppError(error);
  request.errorCode = known.code;
  logError(request.log, known);
  return known;
}

function parseBody(body: unknown): unknown {
  if (typeof body !== 'string' || body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw notJson(cause);
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}
