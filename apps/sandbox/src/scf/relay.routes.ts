import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallLog } from '../call-log.ts';
import { headersOf, rawBody } from '../http.ts';
import { postOnce, repeat } from '../notify.ts';
import { takeCallbackFault, type CallbackFault, type Invocation } from './invocation.ts';
import { RELAY_PATH, type FunctionPlatform } from './platform.ts';

type ByRequest = { Params: { requestId: string } };
type Deps = { platform: FunctionPlatform; log: CallLog; now: () => Date; notifyTimeoutMs: number };
type Letter = { headers: Record<string, string>; body: Buffer };

/** Headers that belong to one connection. */
const HOP_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive']);

/**
 * Functions call back through here: the request is handed on with its own headers and bytes, and the answer comes back. A
 * fault bends one callback; the function's or the platform's next try is plain.
 */
export function registerCallbackRelay(app: FastifyInstance, deps: Deps): void {
  app.post<ByRequest>(`${RELAY_PATH}/:requestId/*`, async (request, reply) => {
    const invocation = deps.platform.find(request.params.requestId);
    if (invocation?.callbackUrl == null) return reply.code(404).send();
    const status = await handOn(deps, invocation, letterOf(request));
    return reply.code(status ?? 504).send();
  });
}

async function handOn(deps: Deps, invocation: Invocation, letter: Letter): Promise<number | null> {
  const fault = takeCallbackFault(invocation);
  const send = (bent: Letter) => deliver(deps, invocation, { letter: bent, kind: fault?.kind ?? 'plain' });
  switch (fault?.kind) {
    case 'callback_lost':
      record(deps, invocation, fault.kind, null);
      return 200;
    case 'callback_late':
      void pause(fault.ms).then(() => send(letter));
      return 200;
    case 'callback_duplicate': {
      const statuses = await repeat(fault, () => send(letter));
      return statuses.find((status) => status === 200) ?? statuses[0] ?? null;
    }
    case 'callback_tampered':
    case 'callback_bad_signature':
      return send(spoiled(letter, fault));
    default:
      return send(letter);
  }
}

type Delivery = { letter: Letter; kind: string };

async function deliver(deps: Deps, invocation: Invocation, { letter, kind }: Delivery): Promise<number | null> {
  const status = await postOnce(invocation.callbackUrl ?? '', {
    headers: letter.headers,
    body: new Uint8Array(letter.body),
    signal: AbortSignal.timeout(deps.notifyTimeoutMs),
  });
  record(deps, invocation, kind, status);
  return status;
}

function record({ log, now, platform }: Deps, invocation: Invocation, kind: string, status: number | null): void {
  if (platform.find(invocation.requestId) !== invocation) return; // forgotten meanwhile
  invocation.callbacks.push({ at: now().toISOString(), kind, status });
  const fault = kind === 'plain' ? {} : { fault: kind };
  log.add({ vendor: 'scf', action: 'Callback', ids: invocation.ids, status, ...fault });
}

/** Another body under the same signature, or another signature over the same body. */
function spoiled({ headers, body }: Letter, fault: CallbackFault): Letter {
  if (fault.kind === 'callback_tampered') return { headers, body: Buffer.concat([body, Buffer.from(' ')]) };
  return { headers: { ...headers, 'x-ys-signature': '0'.repeat(64) }, body };
}

function letterOf(request: FastifyRequest): Letter {
  const headers = Object.entries(headersOf(request)).flatMap(([name, value]) =>
    value === undefined || HOP_HEADERS.has(name) ? [] : [[name, value] as const],
  );
  return { headers: Object.fromEntries(headers), body: rawBody(request) };
}
