import { JOBS, assertNever, type JobName, type JobPayload } from '@yunshang/contracts';
import { Worker, type Job } from 'bullmq';
import { setTimeout as wait } from 'node:timers/promises';
import { WAIT_FOR_EVER, closeConnection, openConnection, type RedisConnection } from './connection.ts';
import { readJobId, type JobMeta } from './job-id.ts';
import { JOB_NAMES, KEY_PREFIX } from './keys.ts';
import { silentLog, type QueueLog } from './queue-log.ts';
import { whyInvalid } from './queue.ts';

/** `againAt`: nothing is wrong, but the job is not finished and wants to be delivered again then. */
export type JobOutcome = 'done' | { againAt: Date };
export type JobHandlers = { [N in JobName]: (payload: JobPayload<N>, meta: JobMeta) => Promise<JobOutcome> };

export type ConsumerOptions = {
  /** Jobs of each kind at once. */
  concurrency: number;
  log?: QueueLog;
  /** Told of a delivery whose payload is not valid; it has left Redis and no handler saw it. */
  onRefused?: (refused: { job: JobName; meta: JobMeta; reason: string }) => Promise<void>;
};

export type Consumers = {
  /** Takes no more work, waits up to `graceMs` for running jobs, and hangs up. Says how many jobs were left running. */
  close(graceMs: number): Promise<{ abandoned: number }>;
};

/** A worker that lost Redis asks again after this; jobs added in between wait that long. */
const RETRY_PAUSE_MS = 500;
/** Once nothing runs, BullMQ gets this long to say goodbye to a Redis that may be away. */
const GOODBYE_MS = 1_000;

/**
 * The receiving side: for each job of the catalogue a BullMQ worker that checks the payload and calls the handler. A handler
 * that throws is logged and its job leaves Redis like any other: delivering again is the outbox's business.
 */
export function startConsumers(redisUrl: string, handlers: JobHandlers, options: ConsumerOptions): Consumers {
  const log = options.log ?? silentLog;
  const connection = openConnection(redisUrl, 'yunshang-consumers', WAIT_FOR_EVER, log);
  const running = new Set<Promise<void>>();

  const workers = JOB_NAMES.map((name) => {
    const work = async (job: Job): Promise<void> => {
      const one = consume(name, handlers, job, options);
      running.add(one);
      await one.finally(() => running.delete(one));
    };
    return openWorker({ name, connection, concurrency: options.concurrency, log }, work);
  });

  return {
    close: async (graceMs) => {
      const closed = Promise.all(workers.map((worker) => worker.close()));
      const idle = Promise.allSettled(running).then(() => wait(GOODBYE_MS, undefined, { ref: false }));
      await Promise.race([closed, idle, wait(graceMs, undefined, { ref: false })]);
      const abandoned = running.size;
      await Promise.all(workers.map((worker) => hangUp(worker)));
      await closeConnection(connection);
      return { abandoned };
    },
  };
}

type WorkerSettings = { name: JobName; connection: RedisConnection; concurrency: number; log: QueueLog };

function openWorker(settings: WorkerSettings, work: (job: Job) => Promise<void>): Worker {
  const worker = new Worker(settings.name, work, {
    connection: settings.connection,
    prefix: KEY_PREFIX,
    concurrency: settings.concurrency,
    runRetryDelay: RETRY_PAUSE_MS,
    // A job whose worker went silent is not run a second time from here: a busy event loop would do it too.
    maxStalledCount: 0,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', (error) => settings.log.warn({ job: settings.name, reason: error.message }, 'queue trouble'));
  return worker;
}

async function consume(
  name: JobName,
  handlers: JobHandlers,
  job: Job,
  { log = silentLog, onRefused }: ConsumerOptions,
): Promise<void> {
  const meta = readJobId(job.id);
  try {
    if (meta === undefined) {
      log.error({ job: name, reason: 'malformed job id' }, 'job refused');
      return;
    }
    const reason = whyInvalid(name, job.data);
    if (reason === undefined) {
      await handle(name, handlers, job.data, meta);
      return;
    }
    log.error({ job: name, jobId: job.id, reason }, 'job refused');
    await onRefused?.({ job: name, meta, reason });
  } catch (error) {
    log.error({ job: name, jobId: job.id, err: error }, 'a handler threw');
  }
}

function handle(name: JobName, handlers: JobHandlers, payload: unknown, meta: JobMeta): Promise<JobOutcome> {
  switch (name) {
    case 'task.run':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'order.reconcile':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'refund.send':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'campaign.push':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'reconciliation.run':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'batch.zip':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'asset.remove':
      return handlers[name](JOBS[name].parse(payload), meta);
    case 'notice.sms':
      return handlers[name](JOBS[name].parse(payload), meta);
    default:
      return assertNever(name);
  }
}

async function hangUp(worker: Worker): Promise<void> {
  await Promise.race([worker.disconnect().catch(() => undefined), wait(GOODBYE_MS, undefined, { ref: false })]);
}
