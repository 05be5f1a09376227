import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CallIds } from '../call-log.ts';
import type { RunningHubAccountConfig, SandboxConfig } from '../config.ts';
import { header } from '../http.ts';
import { runVendorCall, VendorError, type Answer, type CallDeps } from '../vendor-call.ts';
import { hubError } from './codes.ts';
import type { RunningHub } from './hub.ts';

export type HubDeps = CallDeps & { config: SandboxConfig; hub: RunningHub; now: () => Date };

export type HubCall = {
  action: string;
  /** The key in the body or form; undefined where the version takes none. */
  bodyKey?: unknown;
  /** Whether the Bearer token alone is enough, or the body must name the key too. */
  keyIn: 'body' | 'bearer';
  ids?: CallIds;
  /** `note` adds ids to the log's entry once they are known. */
  perform(account: RunningHubAccountConfig, note: (ids: CallIds) => void): Answer | Promise<Answer>;
  refuse: (error: VendorError) => Answer;
};

const NOT_JSON: Answer = {
  status: 200,
  headers: { 'Content-Type': 'text/html' },
  body: Buffer.from('<html><body><h1>502 Bad Gateway</h1></body></html>'),
};

/** What every call shares: the account's key, faults of accounts and answers, the log. */
export function runHubCall(
  deps: HubDeps,
  http: { request: FastifyRequest; reply: FastifyReply },
  call: HubCall,
): Promise<FastifyReply> {
  const account = accountOf(deps.config, http.request, call);
  const ids: Record<string, string> = { ...(account === undefined ? {} : { account: account.name }), ...call.ids };
  const target = { vendor: 'runninghub', action: call.action, ids } as const;
  return runVendorCall(deps, http.reply, {
    ...target,
    authenticate() {
      if (account === undefined) throw hubError(call.keyIn === 'body' ? '802' : '1002');
    },
    perform() {
      if (account === undefined) throw hubError('802');
      if (deps.faults.take(target, ['account_down']) !== undefined) {
        throw new VendorError(503, '500', 'Service Unavailable');
      }
      if (deps.faults.take(target, ['not_json']) !== undefined) return NOT_JSON;
      return call.perform(account, (more) => Object.assign(ids, more));
    },
    refuse: call.refuse,
  });
}

/** Both places must name the same key where both are given. */
function accountOf(config: SandboxConfig, request: FastifyRequest, call: HubCall): RunningHubAccountConfig | undefined {
  const bearer = /^Bearer (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1];
  const key = call.keyIn === 'body' ? call.bodyKey : bearer;
  if (call.keyIn === 'body' && bearer !== undefined && bearer !== key) return undefined;
  return config.runninghub.accounts.find((account) => account.key === key);
}

/** The form of a multipart body; undefined when it is none. */
export async function readForm(request: FastifyRequest, body: Buffer): Promise<FormData | undefined> {
  const type = header(request, 'content-type') ?? '';
  if (!type.startsWith('multipart/form-data')) return undefined;
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch {
    return undefined;
  }
}
