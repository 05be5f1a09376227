import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { SandboxState } from '../app.ts';
import { VENDORS } from '../fault-schema.ts';
import { registerBillControl } from './bills.routes.ts';
import { refuseBody } from './control-error.ts';
import { registerFaults } from './faults.routes.ts';
import { registerWechatControl } from './wechat.routes.ts';

const logQuery = z.strictObject({
  vendor: z.enum(VENDORS).optional(),
  since: z.coerce.number().int().nonnegative().default(0),
});
const objectsQuery = z.strictObject({ prefix: z.string().default('') });
const smsQuery = z.strictObject({ phone: z.string().optional() });

/** The tester's side door: JSON, unauthenticated, loopback. */
export function registerControl(app: FastifyInstance, state: SandboxState): void {
  registerFaults(app, state.faults);
  registerWechatControl(app, state);
  registerBillControl(app, state);

  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }));

  app.get('/_control/log', (request, reply) => {
    const parsed = logQuery.safeParse(request.query);
    return parsed.success ? reply.send({ calls: state.log.list(parsed.data) }) : refuseBody(reply, parsed.error);
  });

  app.get('/_control/objects', (request, reply) => {
    const parsed = objectsQuery.safeParse(request.query);
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const objects = state.store.list(parsed.data.prefix).map(({ key, body, etag, headers, lastModified }) => {
      return { key, bytes: body.length, etag, contentType: headers['content-type'], lastModified };
    });
    return reply.send({ objects });
  });

  app.get('/_control/sms', (request, reply) => {
    const parsed = smsQuery.safeParse(request.query);
    if (!parsed.success) return refuseBody(reply, parsed.error);
    // A `+` that was not encoded arrives as a blank.
    const phone = parsed.data.phone?.replace(/^ /, '+');
    return reply.send({ messages: state.outbox.list(phone) });
  });

  app.post('/_control/reset', (_request, reply) => {
    state.wechat.reset();
    // Temporary keys stay valid: the program under test may be holding some.
    const { store, multipart, outbox, packages, log, hub, platform, verdicts, robots } = state;
    for (const part of [store, multipart, outbox, packages, log, hub, platform, verdicts, robots]) part.reset();
    state.faults.clear();
    return reply.send({ status: 'ok' });
  });
}
