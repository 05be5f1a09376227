import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { refuseBody } from '../control/control-error.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import type { RunningHub } from './hub.ts';
import type { Task } from './task.ts';

const limit = z.number().int().nonnegative();
const settingsBody = z.strictObject({
  workMs: limit.optional(),
  concurrency: z.strictObject({ a: limit, b: limit }).partial().optional(),
});

/** Tasks as the vendor sees them; how long new ones take and how many an account may have. */
export function registerHubControl(app: FastifyInstance, hub: RunningHub): void {
  app.get('/_control/runninghub/tasks', (_request, reply) => reply.send({ tasks: hub.tasks.list().map(taskView) }));

  app.post('/_control/runninghub/settings', (request, reply) => {
    const parsed = settingsBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const { settings } = hub.tasks;
    if (parsed.data.workMs !== undefined) settings.workMs = parsed.data.workMs;
    Object.assign(settings.concurrency, parsed.data.concurrency);
    return reply.send({ settings });
  });
}

function taskView(task: Task): Record<string, unknown> {
  return {
    taskId: task.id,
    ...task.ids,
    product: task.product,
    status: task.state.name,
    createdAt: task.createdAt,
    endedAt: 'endedAt' in task.state ? task.state.endedAt : null,
    cancelRequested: task.cancelRequested,
    webhookUrl: task.webhookUrl ?? null,
    webhooks: task.webhooks,
    faults: task.bent.map((fault) => fault.kind),
  };
}
