import { AppError, type TaskEvent, type TaskStatus } from '@yunshang/contracts';
import type { UseCases } from '../use-cases.ts';

/** What a stream needs to know of tasks. */
export type WatchedTasks = Pick<UseCases['tasks'], 'eventsAfter' | 'onMoved'>;

export type TaskStream = {
  userId: string;
  taskId: string;
  /** The task's status before the stream began. */
  status: TaskStatus;
  /** The id of the last event the client has. */
  after: string | null;
  /** Aborted when the client is gone. */
  signal: AbortSignal | undefined;
  /** Aborted when the server begins to shut down. */
  draining: AbortSignal;
};

/** The database is asked this often even when no hint comes: hints travel over Redis, which may be away. */
const POLL_MS = 1_000;
/** Streams of one user in this process; a page watches few tasks at once, a loop of reconnects is cut here. */
const STREAMS_PER_USER = 20;
const openStreams = new Map<string, number>();

/** Moves of a task in order, from the one after `after` until the task has ended. */
export async function* watchTask(
  tasks: WatchedTasks,
  stream: TaskStream,
): AsyncGenerator<{ id: string; event: TaskEvent }> {
  const { userId, taskId } = stream;
  const leave = enterStream(userId);
  const bell = createBell([stream.signal, stream.draining]);
  const unsubscribe = tasks.onMoved(taskId, bell.ring);
  try {
    let { after } = stream;
    while (stream.signal?.aborted !== true) {
      // An abort ends the response without tRPC's "return" event, so the client connects again, to another process.
      if (stream.draining.aborted) throw new DOMException('The server is shutting down', 'AbortError');
      const moves = await tasks.eventsAfter(userId, taskId, after);
      for (const move of moves) {
        yield move;
        after = move.id;
        if (hasEnded(move.event.status)) return;
      }
      // It had ended before we began, so whatever there was has been sent: waiting would be for ever.
      if (hasEnded(stream.status)) return;
      await bell.next(POLL_MS);
    }
  } finally {
    unsubscribe();
    bell.dispose();
    leave();
  }
}

function hasEnded(status: TaskStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** Counts a stream of this user; throws RATE_LIMITED where there are too many. Call what it returns when the stream ends. */
export function enterStream(userId: string): () => void {
  const open = openStreams.get(userId) ?? 0;
  if (open >= STREAMS_PER_USER)
    throw new AppError('RATE_LIMITED', { retryAfterSeconds: 5, reason: 'too many open streams' });
  openStreams.set(userId, open + 1);
  return () => {
    const left = (openStreams.get(userId) ?? 1) - 1;
    if (left > 0) openStreams.set(userId, left);
    else openStreams.delete(userId);
  };
}

/** Streams of this process, of all users. */
export function countOpenStreams(): number {
  return [...openStreams.values()].reduce((sum, count) => sum + count, 0);
}

/** Remembers a ring until somebody waits for it, so a move between reading and waiting is not missed. */
export function createBell(aborts: readonly (AbortSignal | undefined)[]) {
  let hasRung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    hasRung = true;
    wake?.();
  };
  for (const signal of aborts) signal?.addEventListener('abort', ring);
  return {
    ring,
    next: async (timeoutMs: number): Promise<void> => {
      if (!hasRung)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      wake = undefined;
      hasRung = false;
    },
    dispose: () => {
      for (const signal of aborts) signal?.removeEventListener('abort', ring);
    },
  };
}
