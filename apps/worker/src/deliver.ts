import type { JobName, JobPayload } from '@yunshang/contracts';
import {
  buryJob,
  failJob,
  finishJob,
  inTransaction,
  postponeJob,
  type Clock,
  type Database,
  type Db,
} from '@yunshang/db';
import type { JobMeta, JobOutcome } from '@yunshang/queue';
import type { Logger } from 'pino';
import { claimJob, failuresOf } from './claim-job.store.ts';
import type { JobResult, Metrics } from './metrics.ts';
import { DEAD_AFTER_FAILURES, isPassing, nameOfError, redeliveryPauseMs } from './redelivery.ts';

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
  let failures = 0;
  try {
    const claimed = await claimJob(db, { job, payload, meta }, later(deps.clock, deps.visibilityMs));
    if (claimed === undefined) {
      count('gone');
      return 'done';
    }
    failures = claimed.failures;
    const outcome = await handler(payload);
    if (outcome === 'done') await finishJob(db, meta.outboxId);
    else await postponeJob(db, meta.outboxId, outcome.againAt);
    count(outcome === 'done' ? 'done' : 'again');
    return outcome;
  } catch (error) {
    count('failed');
    return keepForLater(deps, { job, meta, failures: failures + 1 }, error);
  }
}

async function keepForLater(
  { database, clock, log }: DeliveryDeps,
  { job, meta, failures }: { job: JobName; meta: JobMeta; failures: number },
  error: unknown,
): Promise<JobOutcome> {
  const { outboxId } = meta;
  const pauseMs = redeliveryPauseMs(failures, Math.random());
  const againAt = later(clock, pauseMs);
  const failed = { outboxId, failures, error: nameOfError(error) };
  // When the database is what failed, the row comes back by itself after its visibility time.
  if (failures >= DEAD_AFTER_FAILURES && !isPassing(error)) {
    log.error({ job, ...meta, failures, err: error }, 'dead letter: this job keeps failing');
    await bury(database.db, { ...failed, now: clock.now() }).catch(() => undefined);
    return 'done';
  }
  log.warn({ job, ...meta, failures, pauseMs, err: error }, 'job failed and will be delivered again');
  await failJob(database.db, { ...failed, dueAt: againAt }).catch(() => undefined);
  return { againAt };
}

function bury(db: Db, dead: { outboxId: number; failures: number; error: string; now: Date }): Promise<void> {
  return inTransaction(db, (tx) => buryJob(tx, dead));
}

/** A payload no version of ours may have written: asked again for a while, in case a newer worker understands it. */
export async function setAside(
  deps: DeliveryDeps,
  refused: { job: string; meta: JobMeta; reason: string },
): Promise<void> {
  const { job, meta, reason } = refused;
  const { db } = deps.database;
  deps.metrics.jobs.inc({ job, outcome: 'refused' });
  const failures = await failuresOf(db, meta.outboxId);
  if (failures === undefined) return;
  const failed = { outboxId: meta.outboxId, failures: failures + 1, error: reason };
  if (failed.failures >= DEAD_AFTER_FAILURES) {
    deps.log.error({ job, ...meta, reason }, 'dead letter: this job is not valid');
    await bury(db, { ...failed, now: deps.clock.now() });
    return;
  }
  const pauseMs = redeliveryPauseMs(failed.failures, Math.random());
  deps.log.warn({ job, ...meta, reason, pauseMs }, 'this job is not valid; a newer worker may know it');
  await failJob(db, { ...failed, dueAt: later(deps.clock, pauseMs) });
}

function later(clock: Clock, ms: number): Date {
  return new Date(clock.now().getTime() + ms);
}
