import {
  addPriceInput,
  budgetsOutput,
  costSummaryInput,
  costSummaryOutput,
  costsOutput,
  globalBudgetOutput,
  listBudgetsInput,
  listCostsInput,
  listPricesInput,
  marginInput,
  marginOutput,
  pricesOutput,
  recordedTopUpSchema,
  recordTopUpInput,
  setGlobalBudgetInput,
  unitPriceSchema,
} from '@yunshang/contracts';
import { actorOf } from '../trpc/context.ts';
import { ownProcedure, router } from '../trpc/trpc.ts';

export const costsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'costs.read',
      openapi: { method: 'GET', path: '/costs', summary: 'What vendors cost, entry by entry, newest first' },
    })
    .input(listCostsInput)
    .output(costsOutput)
    .query(({ ctx, input }) => ctx.useCases.costs.list(input)),

  summary: ownProcedure
    .meta({
      permission: 'costs.read',
      openapi: { method: 'GET', path: '/costs/summary', summary: 'What vendors cost in a period, by item' },
    })
    .input(costSummaryInput)
    .output(costSummaryOutput)
    .query(({ ctx, input }) => ctx.useCases.costs.summary(input)),

  margin: ownProcedure
    .meta({
      permission: 'costs.read',
      openapi: {
        method: 'GET',
        path: '/costs/margin',
        summary: 'What was earned and what it cost, by feature, plan or user',
      },
    })
    .input(marginInput)
    .output(marginOutput)
    .query(({ ctx, input }) => ctx.useCases.costs.margin(input)),

  recordTopUp: ownProcedure
    .meta({
      permission: 'prices.write',
      openapi: {
        method: 'POST',
        path: '/costs/top-ups',
        summary: "Write down what was paid into a vendor's account; the vendor's balance does not say it",
      },
    })
    .input(recordTopUpInput)
    .output(recordedTopUpSchema)
    .mutation(({ ctx, input }) => ctx.useCases.topUps.record(actorOf(ctx), input)),
});

export const pricesRouter = router({
  list: ownProcedure
    .meta({
      permission: 'costs.read',
      openapi: { method: 'GET', path: '/prices', summary: 'What a unit of each thing costs us, now and from when on' },
    })
    .input(listPricesInput)
    .output(pricesOutput)
    .query(({ ctx, input }) => ctx.useCases.prices.list(input)),

  add: ownProcedure
    .meta({
      permission: 'prices.write',
      openapi: { method: 'POST', path: '/prices', summary: 'The next price of an item; the one before ends there' },
    })
    .input(addPriceInput)
    .output(unitPriceSchema)
    .mutation(({ ctx, input }) => ctx.useCases.prices.add(actorOf(ctx), input)),
});

export const budgetsRouter = router({
  list: ownProcedure
    .meta({
      permission: 'budgets.read',
      openapi: { method: 'GET', path: '/budgets', summary: 'What a week may cost and what of it is used' },
    })
    .input(listBudgetsInput)
    .output(budgetsOutput)
    .query(({ ctx, input }) => ctx.useCases.budgets.list(input)),

  setGlobal: ownProcedure
    .meta({
      permission: 'budgets.write',
      openapi: { method: 'PUT', path: '/budgets/global', summary: 'What all features together may cost in a week' },
    })
    .input(setGlobalBudgetInput)
    .output(globalBudgetOutput)
    .mutation(({ ctx, input }) => ctx.useCases.budgets.setGlobal(actorOf(ctx), input)),
});
