import type { JobName, JobPayload } from '@yunshang/contracts';
import { finishJob, postponeJob, type Clock, type Database } from '@yunshang/db';
import type { JobMeta, JobOutcome } from '@yunshang/queue';
import type { Logger } from 'pino';
import { claimJob } from './claim-job.store.ts';
import type { JobResult, Metrics } from './metrics.ts';
import { DEAD_PAUSE_MS, isDeadLetter, redeliveryPauseMs } from './redelivery.ts';

export type DeliveryDeps = {
  database: Pick<Database, 'db'>;
  clock: Clock;
  log: Logger;
  metrics: Pick<Metrics, 'jobs' | 'jobSeconds'>;
  /** A job not reported within this time is delivered again. */
  visibilityMs: number;
};

/** One job as it arrived. */
export type Arrival<N extends JobName> = { job: N; payload: JobPayload<N>; meta: JobMeta };

/**
 * Handles one delivery and says in the outbox what became of it. The row is the truth: without it the work is done and this
 * delivery late; with it the time until its next delivery begins anew now, since it may have waited in the queue for long.
 */
export async function deliver<N extends JobName>(
  deps: DeliveryDeps,
  { job, payload, meta }: Arrival<N>,
  handler: (payload: JobPayload<N>) => Promise<JobOutcome>,
): Promise<JobOutcome> {
  const { db } = deps.database;
  const startedMs = performance.now();
  const count = (outcome: JobResult): void => {
    deps.metrics.jobs.inc({ job, outcome });
    deps.metrics.jobSeconds.observe({ job, outcome }, (performance.now() - startedMs) / 1000);
  };
  try {
    if (!(await claimJob(db, { job, payload, meta }, later(deps.clock, deps.visibilityMs)))) {
      count('gone');
      return 'done';
    }
    const outcome = await handler(payload);
    if (outcome === 'done') await finishJob(db, meta.outboxId);
    else await postponeJob(db, meta.outboxId, outcome.againAt);
    count(outcome === 'done' ? 'done' : 'again');
    return outcome;
  } catch (error) {
    count('failed');
    return keepForLater(deps, { job, meta }, error);
  }
}

async function keepForLater(
  { database, clock, log }: DeliveryDeps,
  { job, meta }: { job: JobName; meta: JobMeta },
  error: unknown,
): Promise<JobOutcome> {
  const pauseMs = redeliveryPauseMs(meta.attempt, Math.random());
  const againAt = later(clock, pauseMs);
  const about = { job, ...meta, pauseMs, err: error };
  if (isDeadLetter(meta.attempt)) log.error(about, 'dead letter: this job keeps failing');
  else log.warn(about, 'job failed and will be delivered again');
  // When the database is what failed, the row comes back by itself after its visibility time.
  await postponeJob(database.db, meta.outboxId, againAt).catch(() => undefined);
  return { againAt };
}

/** A payload no version of ours may have written: asked again rarely, in case a newer worker understands it. */
export async function setAside(
  deps: DeliveryDeps,
  refused: { job: string; meta: JobMeta; reason: string },
): Promise<void> {
  const { job, meta, reason } = refused;
  deps.metrics.jobs.inc({ job, outcome: 'refused' });
  deps.log.error({ job, ...meta, reason }, 'dead letter: this job is not valid');
  await postponeJob(deps.database.db, meta.outboxId, later(deps.clock, DEAD_PAUSE_MS));
}

function later(clock: Clock, ms: number): Date {
  return new Date(clock.now().getTime() + ms);
}
