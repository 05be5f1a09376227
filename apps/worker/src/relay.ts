import { isJobName } from '@yunshang/contracts';
import {
  inTransaction,
  listJobKinds,
  listTurns,
  returnJobs,
  takeJobs,
  type Clock,
  type Database,
  type OutboxRow,
  type Room,
} from '@yunshang/db';
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
  /** Jobs of each kind this process works on at once. */
  concurrency: number;
};

export type Relay = {
  /** The outbox may have work. */
  wake(): void;
  /** A job left the queue: there may be room again. */
  jobEnded(): void;
  stop(): Promise<void>;
};

const BATCH = 100;
/** The kind that members wait for: they take turns. */
const IN_TURNS = 'task.run';
/** While work was held back, the longest wait for a slot that another process made free. */
const HELD_BACK_POLL_MS = 200;

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
      const pauseMs = state.isHeldBack ? Math.min(HELD_BACK_POLL_MS, options.pollMs) : options.pollMs;
      await waker.pause(pauseMs * (0.9 + Math.random() / 5));
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
  const counts = await deps.queue.counts();
  const { db } = deps.database;
  const rounds: Round[] = [];
  for (const job of await listJobKinds(db)) {
    const room = roomFor(job, counts, options);
    const ids = await listTurns(db, deps.clock.now(), { job, room });
    const taken = ids.length === 0 ? 0 : await takeAndHandOver(deps, ids, options);
    const isFull = ids.length >= room.anyone;
    // Nothing taken of what was there: others have it in hand. Looking again at once would only disturb them.
    rounds.push({ hasMore: taken > 0 && isFull, isHeldBack: isFull });
  }
  return { hasMore: rounds.some(({ hasMore }) => hasMore), isHeldBack: rounds.some(({ isHeldBack }) => isHeldBack) };
}

/** Says how many. */
async function takeAndHandOver(deps: RelayDeps, ids: readonly number[], options: RelayOptions): Promise<number> {
  const { visibilityMs, pollMs } = options;
  const now = deps.clock.now();
  const rows = await inTransaction(deps.database.db, (tx) => takeJobs(tx, now, { ids, visibilityMs }));
  if (rows.length > 0) await handOver(deps, rows, pollMs);
  return rows.length;
}

async function handOver(deps: RelayDeps, rows: readonly OutboxRow[], pauseMs: number): Promise<void> {
  const byId = new Map(rows.map((row) => [jobIdOf({ outboxId: row.id, attempt: row.attempts }), row]));
  const deliveries = [...byId].map(([jobId, { job, payload }]) => ({ job, payload, jobId }));
  const refused = await deps.queue.addMany(deliveries).catch(async (error: unknown) => {
    // Taken but not delivered: give them back now instead of after their visibility time.
    const again = new Date(deps.clock.now().getTime() + pauseMs);
    await returnJobs(
      deps.database.db,
      rows.map((row) => row.id),
      again,
    );
    throw error;
  });
  for (const { jobId, reason } of refused) {
    const row = byId.get(jobId);
    if (row) await deps.onRefused({ job: row.job, meta: { outboxId: row.id, attempt: row.attempts }, reason });
  }
  deps.metrics.relayed.inc(rows.length - refused.length);
}

/**
 * Of the kind that members wait for: enough that no slot idles, and less than one waiting job for each slot, so that whoever
 * comes next is begun before every slot has ended what it works on; beyond that only members whose share is not out yet.
 */
function roomFor(job: string, counts: QueueCounts, { concurrency, maxWaiting }: RelayOptions): Room {
  if (!isJobName(job)) return { anyone: BATCH, newcomers: BATCH };
  const { waiting, active } = counts[job];
  const newcomers = Math.max(0, Math.min(BATCH, maxWaiting - waiting));
  if (job !== IN_TURNS) return { anyone: newcomers, newcomers };
  const spare = Math.max(1, concurrency - 1);
  const anyone = Math.max(0, spare - waiting, concurrency + spare - waiting - active);
  return { anyone: Math.min(anyone, newcomers), newcomers };
}
