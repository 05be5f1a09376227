import { z } from 'zod';
import { featureIdSchema } from '../definitions/feature.ts';
import { bilingualSchema, idSchema, instantSchema } from '../units.ts';

export const TASK_STATUSES = ['pending', 'processing', 'succeeded', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const createTaskInput = z.strictObject({
  featureId: featureIdSchema,
  /** Answers to the feature's form, by field key. Pictures are named by their asset id. */
  input: z.record(z.string().max(64), z.json()),
});
export const taskIdInput = z.strictObject({ taskId: idSchema });
export const listTasksInput = z.strictObject({
  status: z.enum(TASK_STATUSES).optional(),
  featureId: featureIdSchema.optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const taskFailureSchema = z.object({ code: z.string(), zh: z.string(), en: z.string() });
/** What the task cost, worded from the ledger: `charged` 0 means nothing was kept. */
export const taskChargeSchema = z.object({
  cost: z.int(),
  charged: z.int(),
  refunded: z.boolean(),
  zh: z.string(),
  en: z.string(),
});
export const taskOutputSchema = z.object({
  assetId: idSchema,
  contentType: z.string(),
  width: z.int().nullable(),
  height: z.int().nullable(),
});
export const taskSchema = z.object({
  id: idSchema,
  featureId: featureIdSchema,
  status: z.enum(TASK_STATUSES),
  percent: z.int().min(0).max(100),
  stage: bilingualSchema,
  input: z.record(z.string(), z.json()),
  charge: taskChargeSchema,
  outputs: z.array(taskOutputSchema),
  failure: taskFailureSchema.nullable(),
  createdAt: instantSchema,
  finishedAt: instantSchema.nullable(),
});
export const tasksOutput = z.object({ items: z.array(taskSchema), nextCursor: idSchema.nullable() });

export const watchTaskInput = z.strictObject({
  taskId: idSchema,
  /** The id of the last event already seen; what follows it is sent again. */
  lastEventId: z
    .string()
    .regex(/^\d{1,19}$/)
    .nullish(),
});
/** One move of a task. Ends after a terminal status. */
export const taskEventSchema = z.object({
  taskId: idSchema,
  status: z.enum(TASK_STATUSES),
  percent: z.int().min(0).max(100),
  stage: bilingualSchema,
  at: instantSchema,
});

export type Task = z.infer<typeof taskSchema>;
export type TaskEvent = z.infer<typeof taskEventSchema>;
export type TaskFailure = z.infer<typeof taskFailureSchema>;
export type TaskCharge = z.infer<typeof taskChargeSchema>;
