import { AppError } from '@yunshang/contracts';
import type { Actor } from '@yunshang/db';
import type { FastifyRequest } from 'fastify';
import type { CallLimits } from '../http/call-limits.ts';
import type { GuessLimits } from '../http/guess-limits.ts';
import type { RequestLog } from '../http/log.ts';
import type { Caller, UseCases } from '../use-cases.ts';

/** What every procedure gets of the request it answers. */
export type Context = {
  /** Ours; a client can not choose it. */
  requestId: string;
  ip: string;
  userAgent: string;
  /** The Idempotency-Key header; undefined too when several calls share the request, as they can not share a key. */
  idempotencyKey: string | undefined;
  useCases: UseCases;
  limits: CallLimits;
  guesses: GuessLimits;
  /** Aborted when the server begins to shut down. */
  draining: AbortSignal;
  log: RequestLog;
  /** Who calls; throws UNAUTHENTICATED, TOKEN_EXPIRED or SESSION_ENDED. Asked at most once a request. */
  authenticate(): Promise<Caller>;
};

export type EdgeServices = { useCases: UseCases; limits: CallLimits; guesses: GuessLimits; draining: AbortSignal };

export function contextOf(services: EdgeServices, request: FastifyRequest, calls = 1): Context {
  let caller: Promise<Caller> | undefined;
  return {
    ...services,
    requestId: request.id,
    ip: request.ip,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 200),
    idempotencyKey: calls === 1 ? headerOf(request, 'idempotency-key') : undefined,
    log: request.log,
    authenticate: () => (caller ??= authenticate(services.useCases, request)),
  };
}

/** The caller as the audit log names them. */
export function actorOf(ctx: { caller: Caller; requestId: string }): Actor {
  return { id: ctx.caller.userId, role: ctx.caller.role, requestId: ctx.requestId };
}

async function authenticate(useCases: UseCases, request: FastifyRequest): Promise<Caller> {
  const token = /^Bearer ([\w.~+/=-]{10,4000})$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
  if (token === undefined) throw new AppError('UNAUTHENTICATED');
  const caller = await useCases.accounts.authenticate(token);
  request.userId = caller.userId;
  return caller;
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

declare module 'fastify' {
  // Merging into these interfaces is Fastify's way of typing what a request carries.
  interface FastifyRequest {
    /** Set once the caller is known; for the access log. */
    userId: string | null;
    /** Set when the answer is an error; for the access log. */
    errorCode: string | null;
  }
}
