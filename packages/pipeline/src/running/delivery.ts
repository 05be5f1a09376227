import type { ProducedFiles } from '../providers/provider.ts';

export type DeliveryContext = {
  taskId: string;
  userId: string;
  featureId: string;
  stepIndex: number;
  attemptId: string;
};

/**
 * Sees the files of a task's last step before any is stored or paid for: labels them, and has them moderated. `refused` ends the
 * task with OUTPUT_REFUSED. A thrown AppError that is retryable makes the task wait: nothing leaves unseen.
 */
export type Delivery = {
  prepare(context: DeliveryContext, produced: ProducedFiles): Promise<{ files: ProducedFiles } | { refused: string }>;
};

/** Delivers everything as it was made. */
export const plainDelivery: Delivery = { prepare: async (_context, files) => ({ files }) };
