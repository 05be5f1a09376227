import type { JobName } from '@yunshang/contracts';
import { inTransaction, postponeJob, takeDueJobs, type Clock, type Database, type OutboxRow } from '@yunshang/db';
import { jobIdOf, type JobQueue, type QueueCounts } from '@yunshang/queue';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import { createWaker } from './waker.ts';

export type RelayDeps = {
  database: Pick<Database, 'db'>;
  clock: Clock;
  queue: JobQueue;
  log: Logger;
  metrics: Pick<Metrics, 'relayed' | 'relayFailures'>;
  /** Told of a row that no valid job can be made of. */
  onRefused(refused: { job: string; meta: { outboxId: number; attempt: number }; reason: string }): Promise<void>;
};

export type RelayOptions = {
  /** Looks this often without being woken; 20 % of jitter keeps several relays apart. */
  pollMs: number;
  visibilityMs: number;
  /** Jobs of one kind that may wait in Redis; the rest waits in the outbox, where it can still be re-ordered. */
  maxWaiting: number;
};

export type Relay = {
  /** The outbox may have work. */
  wake(): void;
  /** A job left the queue: there may be room again. */
  jobEnded(): void;
  stop(): Promise<void>;
};

const BATCH = 100;

/** Carries due jobs from the outbox to the queue, until stopped. Any number of relays may do so at once. */
export function startRelay(deps: RelayDeps, options: RelayOptions): Relay {
  const waker = createWaker();
  const state = { isStopping: false, isHeldBack: false };

  async function loop(): Promise<void> {
    let isFailing = false;
    while (!state.isStopping) {
      try {
        const round = await relayOnce(deps, options);
        state.isHeldBack = round.isHeldBack;
        if (isFailing) deps.log.info({}, 'the relay works again');
        isFailing = false;
        if (round.hasMore) continue;
      } catch (error) {
        deps.metrics.relayFailures.inc();
        if (!isFailing) deps.log.warn({ err: error }, 'the relay can not deliver; it keeps trying');
        isFailing = true;
      }
      await waker.pause(options.pollMs * (0.9 + Math.random() / 5));
    }
  }

  const ended = loop();
  return {
    wake: () => waker.wake(),
    jobEnded: () => {
      if (state.isHeldBack) waker.wake();
    },
    stop: async () => {
      state.isStopping = true;
      waker.wake();
      await ended;
    },
  };
}

type Round = { hasMore: boolean; isHeldBack: boolean };

/** Takes one batch and adds it. The counts come first: without Redis no row is taken and no attempt used up. */
async function relayOnce(deps: RelayDeps, options: RelayOptions): Promise<Round> {
  const room = roomIn(await deps.queue.counts(), options.maxWaiting);
  if (room.jobs.length === 0) return { hasMore: false, isHeldBack: true };
  const limit = Math.min(BATCH, room.least);
  const rows = await inTransaction(deps.database.db, (tx) =>
    takeDueJobs(tx, deps.clock.now(), {
      limit,
      visibilityMs: options.visibilityMs,
      ...(room.isEverywhere ? {} : { jobs: room.jobs }),
    }),
  );
  if (rows.length > 0) await handOver(deps, rows, options.pollMs);
  return { hasMore: rows.length === limit, isHeldBack: !room.isEverywhere };
}

async function handOver(deps: RelayDeps, rows: readonly OutboxRow[], pauseMs: number): Promise<void> {
  const byId = new Map(rows.map((row) => [jobIdOf({ outboxId: row.id, attempt: row.attempts }), row]));
  const deliveries = [...byId].map(([jobId, { job, payload }]) => ({ job, payload, jobId }));
  const refused = await deps.queue.addMany(deliveries).catch(async (error: unknown) => {
    // Taken but not delivered: give them back now instead of after their visibility time.
    const again = new Date(deps.clock.now().getTime() + pauseMs);
    await Promise.all(rows.map((row) => postponeJob(deps.database.db, row.id, again)));
    throw error;
  });
  for (const { jobId, reason } of refused) {
    const row = byId.get(jobId);
    if (row) await deps.onRefused({ job: row.job, meta: { outboxId: row.id, attempt: row.attempts }, reason });
  }
  deps.metrics.relayed.inc(rows.length - refused.length);
}

type Room = { jobs: JobName[]; least: number; isEverywhere: boolean };

function roomIn(counts: QueueCounts, maxWaiting: number): Room {
  const kinds = Object.keys(counts) as JobName[]; // QueueCounts has exactly the names of the catalogue
  const jobs = kinds.filter((name) => counts[name].waiting < maxWaiting);
  const least = Math.min(...jobs.map((name) => maxWaiting - counts[name].waiting));
  return { jobs, least, isEverywhere: jobs.length === kinds.length };
}
