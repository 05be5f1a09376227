import type { BatchEvent } from '@yunshang/contracts';
import type { UseCases } from '../use-cases.ts';
import { createBell, enterStream } from './watch-task.ts';

export type BatchStream = {
  userId: string;
  batchId: string;
  /** The id of the last event the client has. */
  after: string | null;
  /** Aborted when the client is gone. */
  signal: AbortSignal | undefined;
  /** Aborted when the server begins to shut down. */
  draining: AbortSignal;
};

/** Fifty tasks move often; a person sees the whole of them move once a second. */
const POLL_MS = 1_000;

/** How far the whole is, whenever it has got further, until every task has ended. Always tells at least once. */
export async function* watchBatch(
  batches: Pick<UseCases['batches'], 'eventAfter' | 'get'>,
  stream: BatchStream,
): AsyncGenerator<{ id: string; event: BatchEvent }> {
  const { userId, batchId, signal, draining } = stream;
  const leave = enterStream(userId);
  const bell = createBell([signal, draining]);
  try {
    let { after } = stream;
    let isDone = after !== null && (await batches.get(userId, batchId)).isDone;
    while (stream.signal?.aborted !== true) {
      // An abort ends the response without tRPC's "return" event, so the client connects again, to another process.
      if (draining.aborted) throw new DOMException('The server is shutting down', 'AbortError');
      const next = await batches.eventAfter(userId, batchId, after);
      if (next !== undefined) {
        yield next;
        after = next.id;
        isDone = next.event.isDone;
      }
      if (isDone) return;
      await bell.next(POLL_MS);
    }
  } finally {
    bell.dispose();
    leave();
  }
}
