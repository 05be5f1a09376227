import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { errorEnvelope, httpStatusOf, ERRORS, AppError } from '@yunshang/contracts';
import { newId } from '@yunshang/db';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { asAppError } from './errors/as-app-error.ts';
import { errorAnswer, errorHeaders, logError } from './errors/error-answer.ts';
import type { CallLimits } from './http/call-limits.ts';
import type { GuessLimits } from './http/guess-limits.ts';
import { healthRoutes, type Checks } from './http/health.ts';
import type { Metrics } from './http/metrics.ts';
import { restRoutes } from './rest/rest-routes.ts';
import { appRouter } from './router.ts';
import { assertPermissions } from './trpc/procedures.ts';
import { trpcRoutes } from './trpc/trpc-routes.ts';
import type { UseCases } from './use-cases.ts';
import { vendorCallbacks } from './webhooks/callbacks.ts';
import { wechatPayWebhook } from './webhooks/wechat-pay.ts';

export type ServerDeps = {
  useCases: UseCases;
  limits: CallLimits;
  guesses: GuessLimits;
  checks: Checks;
  metrics: Metrics;
  log: FastifyBaseLogger;
  /** Abort it to begin shutting down: readiness turns 503 and streams end so that clients connect elsewhere. */
  draining: AbortSignal;
  options: EdgeOptions;
};

export type EdgeOptions = {
  publicBaseUrl: string;
  /** Origins of browsers that may call; none but these. */
  corsOrigins: readonly string[];
  /** Addresses and networks of our own proxies; only they may name the client's address in a header. */
  trustProxy: readonly string[];
};

const BODY_LIMIT_BYTES = 256 * 1024;
/** A request that has not arrived whole by then is cut off: Fastify's own default lets it trickle for ever. */
const REQUEST_WITHIN_MS = 30_000;

/** The HTTP edge: tRPC, REST, webhooks and health over the use cases. It owns nothing and closes nothing of theirs. */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  assertPermissions(appRouter);
  const { useCases, limits, guesses, draining, options } = deps;
  const app = Fastify({
    loggerInstance: deps.log,
    genReqId: () => newId(),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    trustProxy: options.trustProxy.length === 0 ? false : [...options.trustProxy],
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    routerOptions: { maxParamLength: 1_000, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
    forceCloseConnections: 'idle',
  });
  app.decorateRequest('userId', null);
  app.decorateRequest('errorCode', null);
  deps.metrics.observe(app);
  everyRequest(app, deps);
  onlyJsonText(app);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => answerError(new AppError('ROUTE_NOT_FOUND'), request, reply));
  await app.register(helmet, {
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    // Nothing here is a page: no script, style or frame is ever allowed.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
  });
  await app.register(cors, {
    origin: [...options.corsOrigins],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id', 'trpc-accept'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: 600,
  });
  healthRoutes(app, deps.checks, draining);
  const services = { useCases, limits, guesses, draining };
  trpcRoutes(app, services);
  restRoutes(app, services, options.publicBaseUrl);
  await wechatPayWebhook(app, useCases.orders);
  await vendorCallbacks(app, useCases);
  return app;
}

function everyRequest(app: FastifyInstance, { limits, draining, log }: ServerDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (!isHealth(request)) await limits.takeAddress(request.ip);
  });
  // A kept-alive connection would bring its next request to a process that is going away, and hold it open.
  app.addHook('onSend', async (_request, reply) => {
    if (draining.aborted) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    if (isHealth(request)) return;
    log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        ...procedureOf(request),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        userId: request.userId,
        errorCode: request.errorCode,
      },
      'answered',
    );
  });
}

/** Bodies arrive as text: each edge parses and refuses them in its own shape. Anything but JSON is 415. */
function onlyJsonText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

/** Errors outside any procedure, and those of REST; in tRPC's shape where a tRPC client asks. */
function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asAppError(thrown);
  request.errorCode = error.code;
  logError(request.log, error);
  reply.code(httpStatusOf(error.code)).headers(errorHeaders(error));
  if (!request.url.startsWith('/trpc/')) return reply.send(errorEnvelope(error.code, error.details, request.id));
  const data = errorAnswer(error, request.id);
  return reply.send({ error: { message: data.zh, code: TRPC_ERROR_CODES_BY_KEY[ERRORS[error.code].status], data } });
}

function isHealth(request: FastifyRequest): boolean {
  return request.url.startsWith('/health/');
}

function procedureOf(request: FastifyRequest): { procedure?: string } {
  const { params } = request;
  if (request.routeOptions.url !== '/trpc/:path' || typeof params !== 'object' || params === null) return {};
  return 'path' in params ? { procedure: String(params.path).slice(0, 200) } : {};
}
