import {
  acknowledgeAlertInput,
  addAlertTargetInput,
  alertDeliveriesOutput,
  alertIdInput,
  alertSchema,
  alertsOutput,
  alertTargetIdInput,
  alertTargetSchema,
  alertTargetsOutput,
  listAlertsInput,
  testedTargetOutput,
  updateAlertTargetInput,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const alertsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'alerts.read',
      openapi: { method: 'GET', path: '/alerts', summary: 'What a person on call was told of, newest first' },
    })
    .input(listAlertsInput)
    .output(alertsOutput)
    .query(({ ctx, input }) => ctx.useCases.alerts.list(input)),

  deliveries: ownProcedure
    .meta({
      permission: 'alerts.read',
      openapi: {
        method: 'GET',
        path: '/alerts/{alertId}/deliveries',
        summary: 'Who was told of one, and how that went',
      },
    })
    .input(alertIdInput)
    .output(alertDeliveriesOutput)
    .query(async ({ ctx, input }) => ({ items: await ctx.useCases.alerts.deliveries(input.alertId) })),

  acknowledge: ownProcedure
    .meta({
      permission: 'alerts.manage',
      openapi: { method: 'POST', path: '/alerts/{alertId}/acknowledge', summary: 'Say that you take care of it' },
    })
    .input(acknowledgeAlertInput)
    .output(alertSchema)
    .mutation(({ ctx, input }) => ctx.useCases.alerts.acknowledge(actorOf(ctx), input)),
});

export const alertTargetsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'alerts.read',
      openapi: { method: 'GET', path: '/alert-targets', summary: 'The robots and systems that are told' },
    })
    .output(alertTargetsOutput)
    .query(async ({ ctx }) => ({ items: await ctx.useCases.alertTargets.list() })),

  add: ownProcedure
    .meta({
      permission: 'alerts.targets',
      openapi: { method: 'POST', path: '/alert-targets', summary: 'Tell another robot or system from now on' },
    })
    .input(addAlertTargetInput)
    .output(alertTargetSchema)
    .mutation(({ ctx, input }) => ctx.useCases.alertTargets.add(actorOf(ctx), input)),

  update: ownProcedure
    .meta({
      permission: 'alerts.targets',
      openapi: {
        method: 'PUT',
        path: '/alert-targets/{targetId}',
        summary: 'Change what is named, or switch it off',
      },
    })
    .input(updateAlertTargetInput)
    .output(alertTargetSchema)
    .mutation(({ ctx, input }) => ctx.useCases.alertTargets.update(actorOf(ctx), input)),

  remove: ownProcedure
    .meta({
      permission: 'alerts.targets',
      openapi: {
        method: 'DELETE',
        path: '/alert-targets/{targetId}',
        summary: 'Tell it no more, and forget its address',
      },
    })
    .input(alertTargetIdInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      await ctx.useCases.alertTargets.remove(actorOf(ctx), input.targetId);
      return DONE;
    }),

  test: ownProcedure
    .meta({
      permission: 'alerts.targets',
      openapi: { method: 'POST', path: '/alert-targets/{targetId}/test', summary: 'Tell it that nothing is wrong' },
    })
    .input(alertTargetIdInput)
    .output(testedTargetOutput)
    .mutation(({ ctx, input }) => ctx.useCases.alertTargets.test(actorOf(ctx), input.targetId)),
});
