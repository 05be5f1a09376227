import { z } from 'zod';
import { idSchema } from './units.ts';

/**
 * The catalogue of background work: name → payload. A job is only a pointer to rows; it may be delivered twice, late or
 * after its work is done, and its handler must then do nothing.
 */
export const JOBS = {
  /** Runs the next steps of a task until it ends. */
  'task.run': z.object({ taskId: idSchema }),
  /** Asks WeChat Pay about an unpaid order; credits, waits or closes. */
  'order.reconcile': z.object({ orderId: idSchema, check: z.int().nonnegative() }),
  /** Asks WeChat Pay for a refund that is committed here, or what became of it, until it has ended. */
  'refund.send': z.object({ refundId: idSchema }),
  /** Gives a campaign to everybody of its audience. */
  'campaign.push': z.object({ campaignId: idSchema }),
  /** Compares a day's bills with our books; waits while they are being made. */
  'reconciliation.run': z.object({ runId: idSchema }),
  /** Packs the results a batch has now into one file. */
  'batch.zip': z.object({ batchId: idSchema }),
  /** Deletes the objects of a file whose row is deleted. */
  'asset.remove': z.object({ assetId: idSchema }),
  /** Texts a member who agreed what a notice says. */
  'notice.sms': z.object({ noticeId: idSchema }),
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]>;

/** True for a name of the catalogue. */
export function isJobName(name: unknown): name is JobName {
  return typeof name === 'string' && Object.hasOwn(JOBS, name);
}
