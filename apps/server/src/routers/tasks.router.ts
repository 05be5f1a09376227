import { tracked } from '@trpc/server';
import {
  createTaskInput,
  listTasksInput,
  taskEventSchema,
  taskIdInput,
  taskSchema,
  tasksOutput,
  watchTaskInput,
  type TaskEvent,
} from '@yunshang/contracts';
import { watchTask } from '../streams/watch-task.ts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const tasksRouter = router({
  create: keyedProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'POST', path: '/tasks', summary: 'Pay for a task and put it to work' },
      // The exact limits are the feature's, checked under the row lock; this only sheds floods, without a round trip.
      limit: { counted: 'process' },
    })
    .input(createTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) =>
      ctx.useCases.tasks.create({
        userId: ctx.caller.userId,
        requestId: ctx.requestId,
        idempotencyKey: ctx.idempotencyKey,
        ...input,
      }),
    ),

  get: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'GET', path: '/tasks/{taskId}', summary: 'One of my tasks' },
    })
    .input(taskIdInput)
    .output(taskSchema)
    .query(({ ctx, input }) => ctx.useCases.tasks.get(ctx.caller.userId, input.taskId)),

  list: ownProcedure
    .meta({ permission: 'tasks.own', openapi: { method: 'GET', path: '/tasks', summary: 'My tasks, newest first' } })
    .input(listTasksInput)
    .output(tasksOutput)
    .query(({ ctx, input }) => ctx.useCases.tasks.list(ctx.caller.userId, input)),

  cancel: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: {
        method: 'POST',
        path: '/tasks/{taskId}/cancel',
        summary: 'Cancel a task; one that runs ends soon after',
      },
    })
    .input(taskIdInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => ctx.useCases.tasks.cancel(ctx.caller.userId, input.taskId)),

  watch: ownProcedure
    .meta({
      permission: 'tasks.own',
      openapi: { method: 'GET', path: '/tasks/{taskId}/events', summary: 'Moves of a task as server-sent events' },
    })
    .input(watchTaskInput)
    .subscription(async ({ ctx, input, signal }) => {
      const { taskId, lastEventId = null } = input;
      const { userId } = ctx.caller;
      // Asked before the stream opens, so that a stranger's task is a plain 404.
      const { status } = await ctx.useCases.tasks.get(userId, taskId);
      return trackedMoves(
        watchTask(ctx.useCases.tasks, { userId, taskId, status, after: lastEventId, signal, draining: ctx.draining }),
      );
    }),
});

async function* trackedMoves(moves: AsyncIterable<{ id: string; event: TaskEvent }>) {
  for await (const { id, event } of moves) yield tracked(id, taskEventSchema.parse(event));
}
