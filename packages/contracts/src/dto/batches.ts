import { z } from 'zod';
import { featureIdSchema } from '../definitions/feature.ts';
import { idSchema, instantSchema } from '../units.ts';
import { createTaskInput, taskSchema, watchTaskInput } from './tasks.ts';

export const MAX_BATCH_SIZE = 50;

export const createBatchInput = z.strictObject({
  featureId: featureIdSchema,
  /** Answers to the feature's form, one task each. */
  inputs: z.array(createTaskInput.shape.input).min(1).max(MAX_BATCH_SIZE),
});
export const batchIdInput = z.strictObject({ batchId: idSchema });
export const listBatchesInput = z.strictObject({
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const batchCountsSchema = z.object({
  pending: z.int(),
  processing: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
});
/** What the tasks cost together; `charged` is what is held or kept, `refunded` what went back. */
export const batchChargeSchema = z.object({
  cost: z.int(),
  charged: z.int(),
  refunded: z.int(),
  zh: z.string(),
  en: z.string(),
});
export const batchSchema = z.object({
  id: idSchema,
  featureId: featureIdSchema,
  size: z.int(),
  /** Tasks by status. */
  counts: batchCountsSchema,
  /** The mean of the tasks'. */
  percent: z.int().min(0).max(100),
  /** Every task has ended. */
  isDone: z.boolean(),
  charge: batchChargeSchema,
  createdAt: instantSchema,
  finishedAt: instantSchema.nullable(),
});
/** `tasks` in the order of the inputs. */
export const batchWithTasksSchema = batchSchema.extend({ tasks: z.array(taskSchema) });
export const batchesOutput = z.object({ items: z.array(batchSchema), nextCursor: idSchema.nullable() });

export const watchBatchInput = z.strictObject({
  batchId: idSchema,
  lastEventId: watchTaskInput.shape.lastEventId,
});
/** How far the whole is. Ends once it is done. */
export const batchEventSchema = batchSchema.pick({ counts: true, percent: true, isDone: true }).extend({
  batchId: idSchema,
});
/** `preparing`: ask again in a second or two. */
export const batchZipOutput = z.object({
  status: z.enum(['preparing', 'ready']),
  files: z.int(),
  url: z.string().nullable(),
  expiresAt: instantSchema.nullable(),
});

export type Batch = z.infer<typeof batchSchema>;
export type BatchWithTasks = z.infer<typeof batchWithTasksSchema>;
export type BatchEvent = z.infer<typeof batchEventSchema>;
export type BatchZip = z.infer<typeof batchZipOutput>;
