import { initTRPC } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { AppError, ERRORS, inputInvalid, isAllowed, isPermission, type Permission } from '@yunshang/contracts';
import { asAppError } from '../errors/as-app-error.ts';
import { errorAnswer } from '../errors/error-answer.ts';
import type { CallLimit } from '../http/call-limits.ts';
import type { Caller } from '../use-cases.ts';
import type { Context } from './context.ts';

export type Meta = {
  /** A name of contracts' PERMISSIONS. The server does not start with a procedure that names none. */
  permission?: Permission;
  /** How the procedure looks as REST under /api; `{name}` in the path takes the input's field of that name. */
  openapi?: {
    method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    path: `/${string}`;
    summary: string;
    /** The answer is contracts' `fileOutput` of this type, which REST sends as a download. */
    file?: string;
  };
  /** Calls of one user (or one address, while nobody is signed in) to this procedure. */
  limit?: CallLimit;
  /** The call must carry an Idempotency-Key. */
  keyed?: true;
};

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 10_000 }, client: { reconnectAfterInactivityMs: 25_000 } },
    errorFormatter: ({ error, ctx }) => {
      const answer = errorAnswer(asAppError(error), ctx?.requestId ?? '');
      return { message: answer.zh, code: TRPC_ERROR_CODES_BY_KEY[ERRORS[answer.code].status], data: answer };
    },
  });

export const router = t.router;

type Asked = { ctx: Context; meta: Meta | undefined; path: string };

/** The permission the procedure names, and its limits; whoever is signed in where the table wants to know. */
async function admit({ ctx, meta, path }: Asked): Promise<Caller | undefined> {
  const permission = meta?.permission;
  if (!isPermission(permission)) throw new Error(`${path} names no permission`);
  const caller = isAllowed(permission, undefined) ? undefined : await ctx.authenticate();
  if (!isAllowed(permission, caller?.role)) throw new AppError('FORBIDDEN');
  await ctx.limits.take(path, caller?.userId ?? ctx.ip, meta?.limit);
  return caller;
}

async function admitOwner(asked: Asked): Promise<Caller> {
  return (await admit(asked)) ?? asked.ctx.authenticate();
}

// One middleware each: tRPC copies the whole context at every one of them, which is felt at thousands of calls a second.

/** For `public` permissions and for those that anyone has; a role is asked for where the table wants one. */
export const openProcedure = t.procedure.use(async ({ ctx, meta, path, next }) => {
  await admit({ ctx, meta, path });
  return next();
});

/** For everything that belongs to somebody: `ctx.caller` is who calls. */
export const ownProcedure = t.procedure.use(async ({ ctx, meta, path, next }) =>
  next({ ctx: { caller: await admitOwner({ ctx, meta, path }) } }),
);

const KEY = /^[A-Za-z0-9_-]{8,100}$/;

function keyOf({ idempotencyKey }: Context): string {
  if (idempotencyKey === undefined) throw new AppError('IDEMPOTENCY_KEY_REQUIRED');
  if (!KEY.test(idempotencyKey))
    throw inputInvalid('Idempotency-Key', 'pattern', {
      zh: 'Idempotency-Key 须为 8 至 100 位字母、数字、下划线或短横线',
      en: 'Idempotency-Key must be 8 to 100 of A-Z a-z 0-9 _ -',
    });
  return idempotencyKey;
}

/** For what must happen once however often it is sent: `ctx.idempotencyKey` is there. */
export const keyedProcedure = t.procedure.meta({ keyed: true }).use(async ({ ctx, meta, path, next }) => {
  const caller = await admitOwner({ ctx, meta, path });
  return next({ ctx: { caller, idempotencyKey: keyOf(ctx) } });
});
