import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** What vendors cost and may cost. Whole micro-yuan: 1,000,000 are one yuan. Members are refused with FORBIDDEN. */
export type CostCalls = {
  costs: {
    /** The ledger, newest first; `nextCursor` is the next page's `cursor`, null at the end. Finance, auditors and admins. */
    list(filter?: t.CostFilter, options?: t.CallOptions): Promise<t.CostPage>;
    /** By item, with what was estimated and what vendors changed of it. Days of Asia/Shanghai, both included; 92 at most. */
    summary(period: t.CostPeriod, options?: t.CallOptions): Promise<t.CostSummary>;
    /** What was earned and what it cost, failed attempts included; what loses most first. By user in pages. */
    margin(ask: t.AskMargin, options?: t.CallOptions): Promise<t.Margin>;
    /**
     * Writes down what was paid into a vendor's account, so that its readings can be compared with costs; finance and admins. Less than nothing
     * takes back what was written wrongly. Rejects: INPUT_INVALID for an account that is none, a time to come, or nothing.
     */
    recordTopUp(input: t.RecordTopUp, options?: t.CallOptions): Promise<t.RecordedTopUp>;
  };
  prices: {
    /** What holds now and what will; with `item` and `past` all that ever did, newest first. Finance, auditors and admins. */
    list(filter?: t.PriceFilter, options?: t.CallOptions): Promise<t.PricePage>;
    /**
     * The next price of an item: the one before ends where it begins, at least a minute from now. Finance and admins. Rejects:
     * INPUT_INVALID, STATE_CONFLICT when somebody else was first.
     */
    add(input: t.AddPrice, options?: t.CallOptions): Promise<t.Price>;
  };
  budgets: {
    /** The week that holds `day`, this one unless told: every feature with a budget or costs, and all of them together. */
    list(week?: t.BudgetWeek, options?: t.CallOptions): Promise<t.Budgets>;
    /** In force within seconds. Finance and admins. Rejects: STATE_CONFLICT when it has moved on from `revision`. */
    setGlobal(input: t.SetGlobalBudget, options?: t.CallOptions): Promise<t.GlobalBudget>;
  };
};

export function costsOf({ call }: Connection): CostCalls {
  return {
    costs: {
      list: (filter = {}, options) => call((trpc, o) => trpc.costs.list.query(filter, o), reading(options)),
      summary: (period, options) => call((trpc, o) => trpc.costs.summary.query(period, o), reading(options)),
      margin: (ask, options) => call((trpc, o) => trpc.costs.margin.query(ask, o), reading(options)),
      recordTopUp: (input, options) => call((trpc, o) => trpc.costs.recordTopUp.mutate(input, o), writing(options)),
    },
    prices: {
      list: (filter = {}, options) => call((trpc, o) => trpc.prices.list.query(filter, o), reading(options)),
      add: (input, options) => call((trpc, o) => trpc.prices.add.mutate(input, o), writing(options)),
    },
    budgets: {
      list: (week = {}, options) => call((trpc, o) => trpc.budgets.list.query(week, o), reading(options)),
      setGlobal: (input, options) => call((trpc, o) => trpc.budgets.setGlobal.mutate(input, o), writing(options)),
    },
  };
}
