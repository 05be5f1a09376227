import { z } from 'zod';
import { instantSchema, idSchema } from '../units.ts';
import { promotionReasonSchema } from './codes.ts';
import { acknowledgeSchema } from './json-body.ts';
import { planSchema } from './orders.ts';

export const PLAN_STATUSES = ['draft', 'published', 'archived'] as const;
export type PlanStatus = (typeof PLAN_STATUSES)[number];

export const planIdSchema = z.string().regex(/^[A-Z][A-Z0-9_]{1,31}$/, 'must be like BASIC or PRO_YEAR');

const planFields = {
  planId: planIdSchema,
  /** The higher may use what the lower may. */
  level: z.int().min(1).max(9),
  title: z.string().trim().min(1).max(60),
  titleEn: z.string().trim().min(1).max(60),
  priceFen: z.int().min(1).max(10_000_000),
  quota: z.int().min(1).max(1_000_000),
  /** One of the two: days of 24 hours, or months of the calendar. */
  periodDays: z.int().min(1).max(1_096).nullable().default(null),
  periodMonths: z.int().min(1).max(36).nullable().default(null),
};
const hasOnePeriod = ({ periodDays, periodMonths }: { periodDays: number | null; periodMonths: number | null }) =>
  (periodDays === null) !== (periodMonths === null);
const onePeriod = { path: ['periodDays'], message: 'give either periodDays or periodMonths' };

/** What a version of a plan is; none of it changes once the version has been published. */
export const planBodySchema = z.strictObject(planFields).refine(hasOnePeriod, onePeriod);
export const savePlanInput = z
  .strictObject({ ...planFields, acknowledge: acknowledgeSchema })
  .refine(hasOnePeriod, onePeriod);
export type PlanBody = z.infer<typeof planBodySchema>;

export const planVersionSchema = planSchema.extend({
  status: z.enum(PLAN_STATUSES),
  createdBy: idSchema.nullable(),
  createdAt: instantSchema,
  publishedAt: instantSchema.nullable(),
  archivedAt: instantSchema.nullable(),
});
export const planVersionsInput = z.strictObject({ planId: planIdSchema.optional() });
export const planVersionsOutput = z.object({ items: z.array(planVersionSchema) });
export const planVersionInput = z.strictObject({ planId: planIdSchema, version: z.int().positive() });
export const movePlanInput = planVersionInput.extend({ reason: promotionReasonSchema });
export const publishPlanInput = movePlanInput.extend({ acknowledge: acknowledgeSchema });

export type PlanVersion = z.infer<typeof planVersionSchema>;
