import { getOrderInput, orderDetailSchema, orderRecordsOutput, searchOrdersInput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';

/** Everybody's orders, for those who account for the money. */
export const salesRouter = router({
  search: ownProcedure
    .meta({
      permission: 'orders.read_all',
      openapi: {
        method: 'GET',
        path: '/sales',
        summary: 'Orders of all members, newest first; by any of their numbers',
      },
    })
    .input(searchOrdersInput)
    .output(orderRecordsOutput)
    .query(({ ctx, input }) => ctx.useCases.orders.search(input)),

  get: ownProcedure
    .meta({
      permission: 'orders.read_all',
      openapi: { method: 'GET', path: '/sales/{orderId}', summary: 'An order with its payments and refunds' },
    })
    .input(getOrderInput)
    .output(orderDetailSchema)
    .query(({ ctx, input }) => ctx.useCases.orders.detail(input.orderId)),
});
