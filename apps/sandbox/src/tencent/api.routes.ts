import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { CallIds } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { Vendor } from '../fault-schema.ts';
import { header, headersOf, parseJsonObject, rawBody } from '../http.ts';
import { runVendorCall, VendorError, type Answer, type CallDeps } from '../vendor-call.ts';
import { verifyTc3 } from './tc3.ts';

/** One action of Tencent Cloud API 3.0; it answers the inside of `Response`. */
export type TencentAction = {
  vendor: Vendor;
  action: string;
  version: string;
  needsRegion: boolean;
  idsOf(params: Record<string, unknown>): CallIds;
  perform(
    params: Record<string, unknown>,
    call: TencentCall,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
};

export type TencentCall = {
  ids: CallIds;
  /** Adds ids to the log's entry once they are known. */
  note(ids: CallIds): void;
  /** Where the caller reached us: scheme, host and port. */
  origin: string;
};

type Deps = CallDeps & { config: SandboxConfig; now: () => Date };

/** One address serves every product: X-TC-Action and X-TC-Version select it. */
export function registerTencentApi(app: FastifyInstance, deps: Deps, actions: TencentAction[]): void {
  app.post('/', (request, reply) => {
    const name = header(request, 'x-tc-action');
    const selected = actions.find((action) => action.action === name);
    if (selected === undefined) {
      const refused = refusal(new VendorError(200, 'InvalidAction', `The action \`${name ?? ''}\` is invalid.`));
      return reply.code(refused.status).headers(refused.headers).send(refused.body);
    }
    const body = rawBody(request);
    const params = parseJsonObject(body);
    const ids: Record<string, string> = { ...selected.idsOf(params ?? {}) };
    return runVendorCall(deps, reply, {
      vendor: selected.vendor,
      action: selected.action,
      ids,
      authenticate() {
        assertHeader(header(request, 'x-tc-timestamp'), 'Timestamp');
        if (selected.needsRegion) assertHeader(header(request, 'x-tc-region'), 'Region');
        verifyTc3({ headers: headersOf(request), body }, deps.config.tencent, deps.now());
        if (header(request, 'x-tc-version') !== selected.version) {
          throw new VendorError(200, 'NoSuchVersion', 'The specified version is invalid.');
        }
      },
      async perform() {
        if (params === undefined)
          throw new VendorError(200, 'InvalidRequest', 'The request body is not a JSON object.');
        return answer(
          200,
          await selected.perform(params, {
            ids,
            origin: `http://${request.host}`,
            note: (more) => void Object.assign(ids, more),
          }),
        );
      },
      refuse: refusal,
    });
  });
}

/** Business refusals travel inside HTTP 200; a fault may ask for another status. */
function refusal(error: VendorError): Answer {
  return answer(error.status, { Error: { Code: error.code, Message: error.message } });
}

function answer(status: number, response: Record<string, unknown>): Answer {
  const body = JSON.stringify({ Response: { ...response, RequestId: randomUUID() } });
  return { status, headers: { 'Content-Type': 'application/json' }, body: Buffer.from(body) };
}

function assertHeader(value: string | undefined, name: string): void {
  if (!value)
    throw new VendorError(200, 'MissingParameter', `The request is missing a required parameter \`${name}\`.`);
}
