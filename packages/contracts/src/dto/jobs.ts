import { z } from 'zod';
import { instantSchema } from '../units.ts';

export const jobIdInput = z.strictObject({ jobId: z.int().positive() });
export const discardJobInput = jobIdInput.extend({
  /** Why; kept in the audit log. */
  reason: z.string().trim().min(1).max(200),
});
export const listDeadJobsInput = z.strictObject({
  cursor: z.int().positive().optional(),
  limit: z.int().min(1).max(100).default(20),
});
/** A job that kept failing and is not delivered any more. */
export const deadJobSchema = z.object({
  id: z.int(),
  job: z.string(),
  /** The task, order or batch it is about. */
  subjectId: z.string().nullable(),
  /** Deliveries in all, and failures in a row. */
  attempts: z.int(),
  failures: z.int(),
  lastError: z.string().nullable(),
  createdAt: instantSchema,
  deadAt: instantSchema,
});
export const deadJobsOutput = z.object({ items: z.array(deadJobSchema), nextCursor: z.int().nullable() });

export type DeadJob = z.infer<typeof deadJobSchema>;
