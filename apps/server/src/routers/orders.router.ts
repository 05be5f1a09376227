import { createOrderInput, getOrderInput, listOrdersInput, orderSchema, ordersOutput } from '@yunshang/contracts';
import { keyedProcedure, ownProcedure, router } from '../trpc/trpc.ts';

export const ordersRouter = router({
  create: keyedProcedure
    .meta({
      permission: 'orders.own',
      openapi: { method: 'POST', path: '/orders', summary: 'Order a plan; the price is the plan’s' },
    })
    .input(createOrderInput)
    .output(orderSchema)
    .mutation(({ ctx, input }) =>
      ctx.useCases.orders.create({
        userId: ctx.caller.userId,
        requestId: ctx.requestId,
        idempotencyKey: ctx.idempotencyKey,
        ip: ctx.ip,
        ...input,
      }),
    ),

  get: ownProcedure
    .meta({
      permission: 'orders.own',
      openapi: { method: 'GET', path: '/orders/{orderId}', summary: 'One of my orders' },
    })
    .input(getOrderInput)
    .output(orderSchema)
    .query(({ ctx, input }) => ctx.useCases.orders.get(ctx.caller.userId, input.orderId)),

  list: ownProcedure
    .meta({
      permission: 'orders.own',
      openapi: { method: 'GET', path: '/orders', summary: 'My orders, newest first' },
    })
    .input(listOrdersInput)
    .output(ordersOutput)
    .query(({ ctx, input }) => ctx.useCases.orders.list(ctx.caller.userId, input)),
});
