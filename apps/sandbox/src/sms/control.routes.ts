import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { refuseBody } from '../control/control-error.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import type { PackageBook } from './package-book.ts';

const when = z.iso.datetime().transform((text) => new Date(text));
const count = z.number().int().min(-1_000_000).max(1_000_000);
const body = z.strictObject({
  /** Segments charged for at these times, beside what was sent; less than none takes away. */
  charges: z.array(z.strictObject({ at: when, segments: count })).default([]),
});

/** What the vendor says that it charged for. */
export function registerSmsControl(app: FastifyInstance, packages: PackageBook): void {
  app.post('/_control/sms/charges', (request, reply) => {
    const parsed = body.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    for (const { at, segments } of parsed.data.charges) packages.charge(at, segments);
    return reply.code(201).send({ packages: packages.list() });
  });
}
