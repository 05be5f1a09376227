import { callTRPCProcedure } from '@trpc/server';
import { AppError, fileOutput, okEnvelope } from '@yunshang/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { appRouter } from '../router.ts';
import { contextOf, type EdgeServices } from '../trpc/context.ts';
import { listProcedures, type ListedProcedure } from '../trpc/procedures.ts';
import { sendEvents } from './event-stream.ts';
import { openapiDocument } from './openapi.ts';
import { numberFields, restInput } from './rest-input.ts';

/** A procedure with its place under /api. */
export type RestRoute = ListedProcedure & { openapi: NonNullable<ListedProcedure['meta']['openapi']>; url: string };

/** The same procedures as REST, each at the place its meta names, in the envelope; `/api/openapi.json` describes them. */
export function restRoutes(app: FastifyInstance, services: EdgeServices, publicUrl: string): void {
  const routes = listRestRoutes();
  for (const route of routes) mirror(app, services, route);
  for (const url of new Set(routes.map((route) => route.url))) refuseOtherMethods(app, url, routes);
  const document = JSON.stringify(openapiDocument(routes, publicUrl));
  app.get('/api/openapi.json', (_request, reply) => reply.header('content-type', 'application/json').send(document));
}

/** Where each procedure stands under /api. */
export function listRestRoutes(): RestRoute[] {
  return listProcedures(appRouter).flatMap((procedure) => {
    const { openapi } = procedure.meta;
    if (openapi === undefined) return [];
    return [{ ...procedure, openapi, url: `/api${openapi.path.replaceAll(/\{(\w+)\}/g, ':$1')}` }];
  });
}

function mirror(app: FastifyInstance, services: EdgeServices, route: RestRoute): void {
  const numbers = numberFields(route.input);
  app.route({
    method: route.openapi.method,
    url: route.url,
    handler: async (request, reply) => {
      const gone = new AbortController();
      if (route.type === 'subscription') reply.raw.once('close', () => gone.abort());
      const input = route.type === 'subscription' ? resumed(request, numbers) : restInput(request, numbers);
      const data: unknown = await callTRPCProcedure({
        router: appRouter,
        path: route.path,
        type: route.type,
        ctx: contextOf(services, request),
        getRawInput: async () => (route.input === undefined ? undefined : input),
        signal: gone.signal,
        batchIndex: 0,
      });
      if (route.type === 'subscription') return sendEvents(request, reply, data);
      return route.openapi.file === undefined ? reply.send(okEnvelope(data)) : sendFile(reply, data);
    },
  });
}

function sendFile(reply: FastifyReply, data: unknown): FastifyReply {
  const { fileName, contentType, text } = fileOutput.parse(data);
  reply.header('content-type', contentType).header('content-disposition', `attachment; filename="${fileName}"`);
  return reply.send(text);
}

/** A client that connects again names the last event it saw in a header, as EventSource does. */
function resumed(request: FastifyRequest, numbers: ReadonlySet<string>) {
  const lastEventId = request.headers['last-event-id'];
  return { ...restInput(request, numbers), ...(typeof lastEventId === 'string' ? { lastEventId } : {}) };
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

function refuseOtherMethods(app: FastifyInstance, url: string, routes: readonly RestRoute[]): void {
  const allowed = new Set<string>(routes.filter((route) => route.url === url).map(({ openapi }) => openapi.method));
  app.route({
    method: METHODS.filter((method) => !allowed.has(method)),
    url,
    exposeHeadRoute: false,
    handler: (_request, reply: FastifyReply) => {
      reply.header('allow', [...allowed].join(', '));
      throw new AppError('METHOD_NOT_ALLOWED');
    },
  });
}
