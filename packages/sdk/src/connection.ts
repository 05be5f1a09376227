import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import type { AppRouter } from './contract.gen.ts';
import { asYunshangError, clientError, isYunshangError } from './errors.ts';
import { withRetries } from './retry.ts';
import { createSession, type Session } from './session.ts';
import { memoryStorage } from './storage.ts';
import type { CreateYunshang } from './yunshang.ts';

type LinkFetch = NonNullable<Parameters<typeof httpLink>[0]['fetch']>;
type Call<T> = (
  trpc: TRPCClient<AppRouter>,
  options: { context: Record<string, unknown>; signal: AbortSignal },
) => Promise<T>;
export type Repeats = {
  signal?: AbortSignal | undefined;
  /** The call can be sent again when its outcome is unknown: it reads, or it carries a key, or repeating is harmless. */
  isRepeatable: boolean;
  idempotencyKey?: string;
};

export type Connection = {
  session: Session;
  fetch: typeof globalThis.fetch;
  trpc: TRPCClient<AppRouter>;
  /** Calls a procedure: signed in where somebody is, renewed once when the token is refused, repeated where safe. */
  call: <T>(call: Call<T>, repeats: Repeats) => Promise<T>;
};

const TIMEOUT_MS = 30_000;

export function createConnection(options: CreateYunshang): Connection {
  const { timeoutMs = TIMEOUT_MS } = options;
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const url = `${options.baseUrl.replace(/\/+$/, '')}/trpc`;
  const bare = createTRPCClient<AppRouter>({ links: [httpLink({ url, fetch: answered(fetch) })] });
  const session = createSession({
    storage: options.storage ?? memoryStorage(),
    onSignedOut: () => options.onSignedOut?.(),
    // The server answers a repeated refresh with the same successor for a while, so a lost answer loses nobody.
    refresh: (refreshToken) =>
      withRetries(
        () => bare.auth.refresh.mutate({ refreshToken }, { signal: AbortSignal.timeout(timeoutMs) }),
        undefined,
      ),
  });
  const trpc = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource, eventSourceOptions: { fetch: streamFetch(fetch, session) } }),
        false: httpLink({ url, fetch: answered(fetch), headers: ({ op }) => headersOf(session, op.context) }),
      }),
    ],
  });
  const once = async <T>(call: Call<T>, { signal, idempotencyKey }: Repeats): Promise<T> => {
    const limit = AbortSignal.timeout(timeoutMs);
    const context: Record<string, unknown> = idempotencyKey === undefined ? {} : { idempotencyKey };
    try {
      const ends = signal === undefined ? limit : AbortSignal.any([signal, limit]);
      return await call(trpc, { context, signal: ends });
    } catch (thrown) {
      if (signal?.aborted) throw clientError('ABORTED', { cause: signal.reason });
      if (limit.aborted) throw clientError('TIMEOUT', { cause: thrown });
      throw asYunshangError(thrown);
    }
  };
  return {
    session,
    fetch,
    trpc,
    call: (call, repeats) => {
      const attempt = () => renewing(session, () => once(call, repeats));
      return repeats.isRepeatable ? withRetries(attempt, repeats.signal) : attempt();
    },
  };
}

/** One more try with a new token when the old one was refused; a session that has ended is forgotten. */
async function renewing<T>(session: Session, call: () => Promise<T>): Promise<T> {
  const used = await session.accessToken();
  try {
    return await call();
  } catch (error) {
    if (used === undefined || !isYunshangError(error)) throw error;
    if (error.code === 'SESSION_ENDED') await session.end();
    const isRefused = error.code === 'TOKEN_EXPIRED' || error.code === 'UNAUTHENTICATED';
    if (!isRefused || !(await session.renew(used))) throw error;
    return call();
  }
}

async function headersOf(session: Session, context: Record<string, unknown>): Promise<Record<string, string>> {
  const token = await session.accessToken();
  const key = context['idempotencyKey'];
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(typeof key === 'string' ? { 'idempotency-key': key } : {}),
  };
}

/** A proxy's own error page is no answer of the API: it becomes NETWORK_ERROR, which can be repeated. */
function answered(fetch: typeof globalThis.fetch): LinkFetch {
  return async (input, init) => {
    const response = await fetch(input, init as RequestInit);
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    if (!isJson) throw clientError('NETWORK_ERROR', { status: response.status });
    return response;
  };
}

type StreamFetch = NonNullable<NonNullable<ConstructorParameters<typeof EventSource>[1]>['fetch']>;

/** Streams say who calls in a header, so that no token is ever in an address. */
function streamFetch(fetch: typeof globalThis.fetch, session: Session): StreamFetch {
  return async (url, init) => {
    const token = await session.accessToken();
    const headers = { ...init.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    return fetch(url, { ...init, headers });
  };
}
