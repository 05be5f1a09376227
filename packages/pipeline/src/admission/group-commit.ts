import { AppError } from '@yunshang/contracts';
import { isConnectionLost, isTransient, type Lanes, type Send } from '@yunshang/db';
import type { AdmissionRequest, Decision } from './admission.ts';

/** A request on its way to a batch, with whoever waits for its outcome. */
export type Waiting = {
  readonly request: AdmissionRequest;
  /** Assets its input names. */
  readonly assetIds: readonly string[];
  readonly settle: (decision: Decision) => void;
  readonly fail: (error: unknown) => void;
};

/** Decides and commits one batch on one connection; with `skipLocked`, users held by others come back undecided. */
export type CommitBatch = (
  send: Send,
  batch: readonly Waiting[],
  skipLocked: boolean,
) => Promise<{ decisions: Decision[]; undecided: Waiting[] }>;

export type GroupCommit = { submit(waiting: Waiting): void; idle(): Promise<void> };

/** Batches in flight at once, and how many tasks each may hold. Measured: 3 × 16, and 64 when one member asks alone. */
const LANES = 3;
const BATCH = 16;
const BATCH_OF_ONE_USER = 64;
/** Connections for members whose row another transaction holds; such a batch is one member's and waits for the lock. */
export const WAITING_LANES = 4;
export const CONNECTIONS = LANES + WAITING_LANES;
const TRIES = 4;
/** Requests held in memory before new ones are sent away with SERVICE_UNAVAILABLE. */
const MAX_QUEUED = 5_000;

/**
 * Commits many members' requests together. A member is in at most one open batch of this process, so batches never wait for
 * each other; a free lane takes what is there at once, without a timer, so a lone request is not delayed.
 */
export function createGroupCommit(lanes: Lanes, commit: CommitBatch): GroupCommit {
  const queues = new Map<string, Waiting[]>();
  const busyUsers = new Set<string>();
  const blocked: Waiting[][] = [];
  let queued = 0;
  let running = 0;
  let waitingLanes = 0;
  let scheduled = false;
  let onIdle: (() => void)[] = [];

  function takeBatch(): Waiting[] {
    const free = [...queues.keys()].filter((userId) => !busyUsers.has(userId));
    const limit = free.length === 1 ? BATCH_OF_ONE_USER : BATCH;
    const batch: Waiting[] = [];
    let tasks = 0;
    for (const userId of free) {
      if (tasks >= limit) break;
      const queue = queues.get(userId) ?? [];
      // A request is never split, so the last may be over the limit.
      while (tasks < limit && queue[0] !== undefined) {
        tasks += queue[0].request.tasks.length;
        batch.push(...queue.splice(0, 1));
      }
      queues.delete(userId);
      // What did not fit goes to the back, so that one member's many requests do not hold up the others.
      if (queue.length > 0) queues.set(userId, queue);
      busyUsers.add(userId);
    }
    queued -= batch.length;
    return batch;
  }

  function freeUsers(batch: readonly Waiting[]): void {
    for (const { request } of batch) busyUsers.delete(request.userId);
  }

  /** One batch of a free lane; members whose row is held elsewhere stay busy and go on to the waiting lanes. */
  async function runLane(batch: readonly Waiting[]): Promise<void> {
    running += 1;
    const undecided = await runBatch(batch, true);
    running -= 1;
    const held = new Set(undecided.map(({ request }) => request.userId));
    freeUsers(batch.filter(({ request }) => !held.has(request.userId)));
    blocked.push(...Map.groupBy(undecided, ({ request }) => request.userId).values());
    schedule();
  }

  /** One member's requests, waiting for the row. */
  async function runWaitingLane(batch: readonly Waiting[]): Promise<void> {
    waitingLanes += 1;
    await runBatch(batch, false);
    waitingLanes -= 1;
    freeUsers(batch);
    schedule();
  }

  function fillLanes(): void {
    scheduled = false;
    while (running < LANES) {
      const batch = takeBatch();
      if (batch.length === 0) break;
      void runLane(batch);
    }
    while (waitingLanes < WAITING_LANES) {
      const batch = blocked.shift();
      if (batch === undefined) break;
      void runWaitingLane(batch);
    }
    if (queued > 0 || running > 0 || waitingLanes > 0 || blocked.length > 0) return;
    for (const done of onIdle) done();
    onIdle = [];
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(fillLanes);
  }

  /** Never rejects: every waiting request is settled, failed, or returned undecided. */
  async function runBatch(batch: readonly Waiting[], skipLocked: boolean): Promise<Waiting[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { decisions, undecided } = await lanes.use((send) => commit(send, batch, skipLocked));
        const byRequest = new Map(decisions.map((decision) => [decision.request, decision]));
        for (const waiting of batch) {
          const decision = byRequest.get(waiting.request);
          if (decision !== undefined) waiting.settle(decision);
        }
        return undecided;
      } catch (error) {
        // After a connection lost at COMMIT the outcome is unknown; the retry finds the idempotency row if it took effect.
        if ((isTransient(error) || isConnectionLost(error)) && attempt < TRIES) continue;
        if (batch.length === 1) {
          batch[0]?.fail(
            isTransient(error) || isConnectionLost(error)
              ? new AppError('SERVICE_UNAVAILABLE', {}, { cause: error })
              : error,
          );
          return [];
        }
        // One bad request must not fail the others.
        const undecided: Waiting[] = [];
        for (const waiting of batch) undecided.push(...(await runBatch([waiting], skipLocked)));
        return undecided;
      }
    }
  }

  return {
    submit(waiting) {
      if (queued >= MAX_QUEUED) {
        waiting.fail(new AppError('SERVICE_UNAVAILABLE'));
        return;
      }
      const queue = queues.get(waiting.request.userId);
      if (queue === undefined) queues.set(waiting.request.userId, [waiting]);
      else queue.push(waiting);
      queued += 1;
      schedule();
    },
    idle: () =>
      new Promise((resolve) => {
        onIdle.push(resolve);
        schedule();
      }),
  };
}
