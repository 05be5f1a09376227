import type { JobName } from '@yunshang/contracts';
import { inTransaction, newId, promiseJob, type Clock, type Database } from '@yunshang/db';
import { createQueue, createSignals, type Signals } from '@yunshang/queue';
import { Redis } from 'ioredis';
import { createWorker, type Handlers, type WorkerConfig } from '../src/app.ts';
import { createLog } from '../src/log.ts';
import { createMetrics, type Metrics } from '../src/metrics.ts';
import type { Schedule } from '../src/schedules.ts';
import { createRunnerLock } from '../src/single-runner.ts';

export type TestWorker = {
  metrics: Metrics;
  signals: Signals;
  /** Lines logged, parsed. */
  lines: Record<string, unknown>[];
  /** As SIGTERM does, then closes the connections. */
  stop(graceMs?: number): Promise<{ abandoned: number }>;
};

export type TestWorkerOptions = {
  database: Database;
  redisUrl: string;
  clock: Clock;
  handlers?: Partial<Handlers>;
  schedules?: Schedule[];
  config?: Partial<WorkerConfig>;
};

/** A worker with connections of its own, as a process has. */
export function startWorker(options: TestWorkerOptions): TestWorker {
  const { database, redisUrl, clock, schedules = [] } = options;
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const queue = createQueue(redisUrl, { log });
  const signals = createSignals(redisUrl, { log });
  const redis = new Redis(redisUrl, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  const worker = createWorker({
    config: { redisUrl, concurrency: 4, outboxPollMs: 50, outboxVisibilityMs: 60_000, ...options.config },
    database,
    clock,
    queue,
    signals,
    lock: createRunnerLock(redis),
    log,
    metrics,
    handlers: {
      'task.run': async () => 'done',
      'order.reconcile': async () => 'done',
      'refund.send': async () => 'done',
      'campaign.push': async () => 'done',
      'reconciliation.run': async () => 'done',
      'batch.zip': async () => 'done',
      'asset.remove': async () => 'done',
      'notice.sms': async () => 'done',
      ...options.handlers,
    },
    schedules,
  });
  worker.start();
  return {
    metrics,
    signals,
    lines,
    stop: async (graceMs = 5_000) => {
      const ended = await worker.stop(graceMs);
      redis.disconnect();
      await Promise.all([queue.close(), signals.close()]);
      return ended;
    },
  };
}

/** Promises that many jobs and returns the ids they point at. */
export async function promise(
  database: Database,
  clock: Clock,
  { count = 1, dueInMs = 0, job = 'task.run' }: { count?: number; dueInMs?: number; job?: JobName } = {},
): Promise<string[]> {
  const now = clock.now();
  const dueAt = new Date(now.getTime() + dueInMs);
  const ids = Array.from({ length: count }, () => newId());
  await inTransaction(database.db, async (tx) => {
    for (const id of ids) {
      if (job === 'task.run')
        await promiseJob(tx, { job, payload: { taskId: id }, dedupKey: `test:${id}`, now, dueAt });
      else if (job === 'batch.zip')
        await promiseJob(tx, { job, payload: { batchId: id }, dedupKey: `test:${id}`, now, dueAt });
      else if (job === 'asset.remove')
        await promiseJob(tx, { job, payload: { assetId: id }, dedupKey: `test:${id}`, now, dueAt });
      else await promiseJob(tx, { job, payload: { orderId: id, check: 0 }, dedupKey: `test:${id}`, now, dueAt });
    }
  });
  return ids;
}

/** What is left in the outbox. */
export async function outbox(database: Database): Promise<{ id: number; attempts: number; due_at: Date }[]> {
  return database.db.selectFrom('outbox').select(['id', 'attempts', 'due_at']).orderBy('id').execute();
}
