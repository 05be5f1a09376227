import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { faultSchemas, VENDORS } from '../fault-schema.ts';
import type { FaultBoard } from '../faults.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import { refuseBody } from './control-error.ts';

const anyVendor = z.object({ vendor: z.enum(VENDORS) });

/** Faults on command: set, list, clear. */
export function registerFaults(app: FastifyInstance, faults: FaultBoard): void {
  app.post('/_control/faults', (request, reply) => {
    const body = parseJsonObject(rawBody(request));
    const vendor = anyVendor.safeParse(body);
    if (!vendor.success) return refuseBody(reply, vendor.error);
    const parsed = faultSchemas[vendor.data.vendor].safeParse(body);
    if (!parsed.success) return refuseBody(reply, parsed.error);
    return reply.code(201).send({ fault: faults.add(parsed.data) });
  });
  app.get('/_control/faults', (_request, reply) => reply.send({ faults: faults.list() }));
  app.delete('/_control/faults', (_request, reply) => {
    faults.clear();
    return reply.send({ faults: [] });
  });
}
