import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { refuseBody } from '../control/control-error.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import type { FunctionPlatform } from './platform.ts';

const environmentBody = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string());

/** Invocations as the vendor sees them; the functions' variables. */
export function registerScfControl(app: FastifyInstance, platform: FunctionPlatform): void {
  app.get('/_control/scf/invocations', (_request, reply) => {
    const invocations = platform.list().map(({ ids, bent, ...invocation }) => {
      return { ...invocation, ...ids, faults: bent.map((fault) => fault.kind) };
    });
    return reply.send({ invocations });
  });

  app.post('/_control/scf/env', (request, reply) => {
    const parsed = environmentBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    platform.setEnvironment(parsed.data);
    return reply.send({ names: Object.keys(parsed.data) });
  });
}
