import { createQueue, startConsumers, type JobHandlers, type JobMeta, type JobQueue } from '../src/index.ts';
import type { QueueLog } from '../src/index.ts';

export const TASK_ID = '01JHKZ8Y3N4V5W6X7Y8Z9A0B1C';

export type LogLine = { level: 'info' | 'warn' | 'error'; details: object; message: string };

/** A log that remembers. */
export function memoryLog(): QueueLog & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (details: object, message: string) =>
    void lines.push({ level, details, message });
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export type Bench = {
  queue: JobQueue;
  log: ReturnType<typeof memoryLog>;
  /** What the handlers were called with, in order. */
  seen: { job: string; taskId?: string; meta: JobMeta }[];
  refused: { job: string; meta: JobMeta; reason: string }[];
  deliver(outboxId: number, attempt?: number): Promise<void>;
  close(graceMs?: number): Promise<{ abandoned: number }>;
};

/** A queue with consumers on one Redis; `onTask` is what the task handler does besides noting the call. */
export function openBench(redisUrl: string, onTask: (meta: JobMeta) => Promise<void> = async () => {}): Bench {
  const log = memoryLog();
  const seen: Bench['seen'] = [];
  const refused: Bench['refused'] = [];
  const queue = createQueue(redisUrl, { log });
  const handlers: JobHandlers = {
    'task.run': async ({ taskId }, meta) => {
      seen.push({ job: 'task.run', taskId, meta });
      await onTask(meta);
      return 'done';
    },
    'order.reconcile': async (_, meta) => {
      seen.push({ job: 'order.reconcile', meta });
      return 'done';
    },
    'refund.send': async (_, meta) => {
      seen.push({ job: 'refund.send', meta });
      return 'done';
    },
    'campaign.push': async (_, meta) => {
      seen.push({ job: 'campaign.push', meta });
      return 'done';
    },
    'reconciliation.run': async (_, meta) => {
      seen.push({ job: 'reconciliation.run', meta });
      return 'done';
    },
    'batch.zip': async (_, meta) => {
      seen.push({ job: 'batch.zip', meta });
      return 'done';
    },
    'notice.sms': async () => 'done',
    'asset.remove': async (_, meta) => {
      seen.push({ job: 'asset.remove', meta });
      return 'done';
    },
  };
  const consumers = startConsumers(redisUrl, handlers, {
    concurrency: 4,
    log,
    onRefused: async (one) => void refused.push(one),
  });
  return {
    queue,
    log,
    seen,
    refused,
    deliver: async (outboxId, attempt = 1) => {
      await queue.addMany([{ job: 'task.run', payload: { taskId: TASK_ID }, jobId: `${outboxId}-${attempt}` }]);
    },
    close: async (graceMs = 5_000) => {
      const closed = await consumers.close(graceMs);
      await queue.close();
      return closed;
    },
  };
}
