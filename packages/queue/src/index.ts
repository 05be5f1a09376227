export { createQueue, type Delivery, type JobQueue, type QueueCounts, type Refusal } from './queue.ts';
export {
  startConsumers,
  type ConsumerOptions,
  type Consumers,
  type JobHandlers,
  type JobOutcome,
} from './consumers.ts';
export { createSignals, type Signals } from './signals.ts';
export { jobIdOf, type JobMeta } from './job-id.ts';
export type { QueueLog } from './queue-log.ts';
