import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { refuseBody } from '../control/control-error.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import { verdictShape } from './verdict.ts';
import type { Verdicts } from './verdicts.ts';

const body = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), ...verdictShape });

/** Verdicts on pictures, by the SHA-256 of their bytes. */
export function registerImsControl(app: FastifyInstance, verdicts: Verdicts): void {
  app.post('/_control/ims/verdicts', (request, reply) => {
    const parsed = body.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const { sha256, ...verdict } = parsed.data;
    verdicts.set(sha256, verdict);
    return reply.code(201).send({ sha256, verdict });
  });
  app.get('/_control/ims/verdicts', (_request, reply) => reply.send({ verdicts: verdicts.list() }));
}
