import { z } from 'zod';
import { fenSchema, instantSchema } from '../units.ts';
import { daySchema, microYuanSchema } from './costs.ts';

export const BUDGET_LEVELS = ['within', 'warned', 'full'] as const;
export const budgetSchema = z.object({
  /** Null for the budget of all features together. */
  featureId: z.string().nullable(),
  title: z.string(),
  /** Null: no budget, only counted. */
  weeklyBudgetFen: fenSchema.nullable(),
  usedMicroYuan: microYuanSchema,
  /** Of it: what tasks that have ended cost, and what open ones hold. */
  spentMicroYuan: microYuanSchema,
  reservedMicroYuan: microYuanSchema,
  /** Of the budget, rounded down; null without one. */
  usedPercent: z.int().nullable(),
  /** `warned` from 80 %, `full` from 100 %. */
  level: z.enum(BUDGET_LEVELS),
});
export const listBudgetsInput = z.strictObject({
  /** Any day of the week; this one when absent. */
  day: daySchema.optional(),
});
export const budgetsOutput = z.object({
  /** The Monday of the week in Asia/Shanghai. */
  week: daySchema,
  resetsAt: instantSchema,
  items: z.array(budgetSchema),
  /** Of the global budget: to be given back when it is changed. */
  revision: z.int().nonnegative(),
});
export const setGlobalBudgetInput = z.strictObject({
  /** Null takes it away. */
  weeklyBudgetFen: fenSchema.positive().nullable(),
  revision: z.int().nonnegative(),
  reason: z.string().trim().min(1).max(500),
});
export const globalBudgetOutput = z.object({
  weeklyBudgetFen: fenSchema.nullable(),
  revision: z.int().nonnegative(),
});

export type Budget = z.infer<typeof budgetSchema>;
export type BudgetsOutput = z.infer<typeof budgetsOutput>;
export type GlobalBudget = z.infer<typeof globalBudgetOutput>;
