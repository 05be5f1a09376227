import type { Connection } from './connection.ts';
import { asYunshangError, clientError, isYunshangError, type YunshangError } from './errors.ts';
import { canRepeat, pause, pauseMs } from './retry.ts';
import type { BatchEvent, CallOptions, TaskEvent } from './types.ts';

export type WatchOptions = CallOptions & {
  /** Begin after this event instead of at the first one. */
  lastEventId?: string;
};

type Sent<E> = { id: string; data: E };

/** What a subscription calls back with. */
type Listener<E> = {
  onData(sent: Sent<E>): void;
  onError(error: unknown): void;
  onComplete(): void;
  onConnectionStateChange(change: { state: string; error?: unknown }): void;
};
type Subscribe<E> = (lastEventId: string | null, listener: Listener<E>) => { unsubscribe(): void };

/** Streams that fail this often without one event in between are given up: about two minutes. */
const FAILURES = 30;
/** Errors that a stream outlives: the server goes on with what was missed. */
const PASSING = new Set<string>(['INTERNAL', 'RATE_LIMITED']);

/** Moves of a task until its last. */
export function watchTask(
  connection: Connection,
  taskId: string,
  options: WatchOptions,
): AsyncGenerator<TaskEvent, void, undefined> {
  return follow(
    connection,
    (lastEventId, listener) => connection.trpc.tasks.watch.subscribe({ taskId, lastEventId }, listener),
    options,
  );
}

/** Progress of a batch until it is done. */
export function watchBatch(
  connection: Connection,
  batchId: string,
  options: WatchOptions,
): AsyncGenerator<BatchEvent, void, undefined> {
  return follow(
    connection,
    (lastEventId, listener) => connection.trpc.batches.watch.subscribe({ batchId, lastEventId }, listener),
    options,
  );
}

/** Events of a stream until its last; connects again with the id of the last event seen. */
async function* follow<E>(
  connection: Connection,
  subscribe: Subscribe<E>,
  { signal, lastEventId }: WatchOptions,
): AsyncGenerator<E, void, undefined> {
  let last = lastEventId;
  let failures = 0;
  for (;;) {
    try {
      for await (const { id, data } of openStream(subscribe, last ?? null, signal)) {
        last = id;
        failures = 0;
        yield data;
      }
      return;
    } catch (thrown) {
      failures += 1;
      await overcome(connection, asYunshangError(thrown), { failures, signal });
    }
  }
}

/** Waits until the stream can be opened again, or throws what it can not outlive. */
async function overcome(
  { session }: Connection,
  error: YunshangError,
  { failures, signal }: { failures: number; signal: AbortSignal | undefined },
): Promise<void> {
  if (signal?.aborted) throw clientError('ABORTED', { cause: signal.reason });
  if (failures >= FAILURES) throw error;
  const isRefused = error.code === 'TOKEN_EXPIRED' || error.code === 'UNAUTHENTICATED';
  if (isRefused && failures === 1 && (await session.renew(await session.accessToken()))) return;
  if (!canRepeat(error) && !PASSING.has(error.code)) throw error;
  await pause(pauseMs(failures, error), signal);
}

/** One connection's events. Rejects when the connection breaks; ends when the server says that nothing follows. */
async function* openStream<E>(
  subscribe: Subscribe<E>,
  lastEventId: string | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Sent<E>, void, undefined> {
  const queue: Sent<E>[] = [];
  let isOver = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  const end = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    failure = error;
    wake?.();
  };
  const abort = (): void => end(clientError('ABORTED', { cause: signal?.reason }));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const subscription = subscribe(lastEventId, {
    onData: (sent) => {
      queue.push(sent);
      wake?.();
    },
    onError: end,
    onComplete: () => end(),
    // The stream broke: reconnecting is done above, sooner than an EventSource would, and with a fresh token.
    onConnectionStateChange: ({ state, error }) => {
      if (state === 'connecting' && error) end(isYunshangError(error) ? error : asYunshangError(error));
    },
  });
  try {
    for (;;) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (isOver) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    if (failure !== undefined) throw failure;
  } finally {
    signal?.removeEventListener('abort', abort);
    subscription.unsubscribe();
  }
}
