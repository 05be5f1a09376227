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

const decimal = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/)
  .nullable();
const taskBody = z.strictObject({
  taskId: z.string(),
  /** What it is said to have used from now on, also when it failed. */
  usage: z.strictObject({ consumeMoney: decimal, consumeCoins: decimal }).optional(),
  /** It is no longer found. */
  forget: z.boolean().default(false),
});
const change = z.number().int().min(-100_000_000).max(100_000_000).default(0);
const walletBody = z.strictObject({ account: z.enum(['a', 'b']), milliYuan: change, coins: change });

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

  app.post('/_control/runninghub/tasks', (request, reply) => {
    const parsed = taskBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const { taskId, usage, forget } = parsed.data;
    const task = hub.tasks.list().find(({ id }) => id === taskId);
    if (task === undefined) return reply.code(404).send({ error: { code: 'NOT_FOUND', message: 'no such task' } });
    if (usage !== undefined) task.usage = usage;
    task.isForgotten = forget;
    return reply.send({ task: taskView(task) });
  });

  app.post('/_control/runninghub/wallet', (request, reply) => {
    const parsed = walletBody.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const { account, ...by } = parsed.data;
    hub.wallets.change(account, by);
    return reply.send({ left: hub.wallets.left(account) });
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
