import type { JobName, JobPayload } from '@yunshang/contracts';
import type { Clock, Database } from '@yunshang/db';
import { startConsumers, type Consumers, type JobOutcome, type JobQueue, type Signals } from '@yunshang/queue';
import type { Logger } from 'pino';
import { deliver, setAside, type Arrival, type DeliveryDeps } from './deliver.ts';
import type { Metrics } from './metrics.ts';
import { startRelay, type Relay } from './relay.ts';
import { startSchedules, type Schedule, type Schedules } from './schedules.ts';
import type { RunnerLock } from './single-runner.ts';

/** One use case for each job of the catalogue. */
export type Handlers = { [N in JobName]: (payload: JobPayload<N>) => Promise<JobOutcome> };

export type WorkerConfig = {
  redisUrl: string;
  /** Jobs of each kind at once in this process. */
  concurrency: number;
  outboxPollMs: number;
  outboxVisibilityMs: number;
};

/** Everything a worker works with; all of it is opened before and closed after by whoever made it. */
export type WorkerDeps = {
  config: WorkerConfig;
  database: Pick<Database, 'db'>;
  clock: Clock;
  queue: JobQueue;
  signals: Pick<Signals, 'onNudge'>;
  lock: RunnerLock;
  log: Logger;
  metrics: Metrics;
  handlers: Handlers;
  schedules: readonly Schedule[];
};

export type Worker = {
  /** Begins to relay, to consume and to run the schedules. */
  start(): void;
  /** Takes no more work and waits up to `graceMs` for what runs. What is left then is delivered again elsewhere. */
  stop(graceMs: number): Promise<{ abandoned: number }>;
};

/** Jobs that may wait in Redis, for each that runs at once here: some seconds' work, less than the visibility time. */
const WAITING_PER_SLOT = 8;

type Running = { relay: Relay; consumers: Consumers; schedules: Schedules; stopListening: () => void };

/** A worker: relay, consumers and schedules over the same deps. Any number may work side by side. */
export function createWorker(deps: WorkerDeps): Worker {
  let running: Running | undefined;
  return {
    start: () => {
      running ??= begin(deps);
    },
    stop: async (graceMs) => {
      if (running === undefined) return { abandoned: 0 };
      const { relay, consumers, schedules, stopListening } = running;
      running = undefined;
      stopListening();
      const [closed] = await Promise.all([
        consumers.close(graceMs),
        within(graceMs, relay.stop()),
        within(graceMs, schedules.stop()),
      ]);
      return closed;
    },
  };
}

function begin(deps: WorkerDeps): Running {
  const { config, log } = deps;
  const delivery: DeliveryDeps = { ...deps, visibilityMs: config.outboxVisibilityMs };
  const relay = startRelay(
    { ...deps, onRefused: (refused) => setAside(delivery, refused) },
    {
      pollMs: config.outboxPollMs,
      visibilityMs: config.outboxVisibilityMs,
      concurrency: config.concurrency,
      maxWaiting: Math.max(16, config.concurrency * WAITING_PER_SLOT),
    },
  );
  const handled = <N extends JobName>(arrival: Arrival<N>, handler: Handlers[N]): Promise<JobOutcome> =>
    deliver(delivery, arrival, handler).finally(() => relay.jobEnded());
  const consumers = startConsumers(
    config.redisUrl,
    {
      'task.run': (payload, meta) => handled({ job: 'task.run', payload, meta }, deps.handlers['task.run']),
      'order.reconcile': (payload, meta) =>
        handled({ job: 'order.reconcile', payload, meta }, deps.handlers['order.reconcile']),
      'refund.send': (payload, meta) => handled({ job: 'refund.send', payload, meta }, deps.handlers['refund.send']),
      'campaign.push': (payload, meta) =>
        handled({ job: 'campaign.push', payload, meta }, deps.handlers['campaign.push']),
      'reconciliation.run': (payload, meta) =>
        handled({ job: 'reconciliation.run', payload, meta }, deps.handlers['reconciliation.run']),
      'batch.zip': (payload, meta) => handled({ job: 'batch.zip', payload, meta }, deps.handlers['batch.zip']),
      'asset.remove': (payload, meta) => handled({ job: 'asset.remove', payload, meta }, deps.handlers['asset.remove']),
      'notice.sms': (payload, meta) => handled({ job: 'notice.sms', payload, meta }, deps.handlers['notice.sms']),
    },
    { concurrency: config.concurrency, log, onRefused: (refused) => setAside(delivery, refused) },
  );
  return {
    relay,
    consumers,
    schedules: startSchedules(deps, deps.schedules),
    stopListening: deps.signals.onNudge(() => relay.wake()),
  };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
