import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxConfig } from '../config.ts';
import { header } from '../http.ts';
import type { TemporaryKeys } from '../sts/temporary-keys.ts';
import { runVendorCall, VendorError, type Answer, type CallDeps } from '../vendor-call.ts';
import { authorizeCos } from './authorize.ts';
import { preflight, xmlRefusal } from './cos-answers.ts';
import { readCosRequest, type CosRequest } from './cos-request.ts';
import type { Operation } from './operations.ts';

export type CosDeps = CallDeps & { config: SandboxConfig; keys: TemporaryKeys; now: () => Date };

/** The bucket in path style: `/{bucket}/{key}`, while the signed path is `/{key}`. */
export function registerCos(
  app: FastifyInstance,
  deps: CosDeps,
  operationOf: (request: CosRequest) => Operation,
): void {
  const { bucket } = deps.config.cos;
  const handle = async (raw: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const request = readCosRequest(raw, bucket);
      if (request.method === 'OPTIONS') return send(reply, preflight(request));
      const operation = operationOf(request);
      return await runVendorCall(deps, reply, {
        ...operation,
        authenticate: () => authorizeCos(deps, request, operation.permissions()),
        refuse: (error) => xmlRefusal(request, error),
      });
    } catch (error) {
      if (error instanceof VendorError) return refuseOutside(raw, reply, error);
      throw error;
    }
  };
  app.all(`/${bucket}`, handle);
  app.all(`/${bucket}/*`, handle);
}

/** A refusal in XML for a request that never reached the bucket. */
export function refuseOutside(raw: FastifyRequest, reply: FastifyReply, error: VendorError): FastifyReply {
  return send(reply, xmlRefusal(outline(raw), error));
}

/** What a refusal needs to know of a request that could not be read. */
function outline(raw: FastifyRequest): Pick<CosRequest, 'headers' | 'method' | 'path'> {
  return { headers: { origin: header(raw, 'origin') }, method: raw.method, path: raw.raw.url ?? '/' };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}
