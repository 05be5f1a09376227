import { keyed, reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import { pause } from './retry.ts';
import type * as t from './types.ts';
import { watchBatch, type WatchOptions } from './watch.ts';

/** Up to 50 tasks of one feature, bought together. */
export type BatchCalls = {
  /**
   * Pays for every input and puts them to work, or does nothing at all. Repeating a call with the same key never pays twice.
   * Rejects like tasks.create: details.field names the first input that can not be (`inputs.3`), details.issues fields such as
   * `inputs.3.photo`.
   */
  create(input: t.CreateBatch, options?: t.KeyedOptions): Promise<t.BatchWithTasks>;
  /** With its tasks, in the order of the inputs. Rejects: BATCH_NOT_FOUND. */
  get(batchId: string, options?: t.CallOptions): Promise<t.BatchWithTasks>;
  /** My batches, newest first; `nextCursor` is the next page's `cursor`, null at the end. */
  list(page?: t.BatchFilter, options?: t.CallOptions): Promise<t.BatchPage>;
  /** Cancels the tasks that have not begun and gives their quota back; the others go on. Rejects: BATCH_NOT_FOUND. */
  cancel(batchId: string, options?: t.CallOptions): Promise<t.BatchWithTasks>;
  /**
   * A new batch of the tasks that failed and were not retried yet, paid anew. Rejects: BATCH_NOT_FOUND, STATE_CONFLICT when there
   * are none, and like tasks.create.
   */
  retryFailed(batchId: string, options?: t.KeyedOptions): Promise<t.BatchWithTasks>;
  /** One file of all the results so far, `preparing` while it is made. Rejects: BATCH_NOT_FOUND, STATE_CONFLICT without results. */
  zip(batchId: string, options?: t.CallOptions): Promise<t.BatchZip>;
  /** Resolves with a link once the file is made; otherwise like `zip`. */
  waitForZip(batchId: string, options?: t.CallOptions & { everyMs?: number }): Promise<t.BatchZip & { url: string }>;
  /** How far the whole is, as it gets further, until every task has ended. Survives lost connections. Rejects: BATCH_NOT_FOUND. */
  watch(batchId: string, options?: WatchOptions): AsyncIterable<t.BatchEvent>;
  /** Resolves with the batch once every task has ended. Rejects: BATCH_NOT_FOUND. */
  wait(
    batchId: string,
    options?: t.CallOptions & { onEvent?: (event: t.BatchEvent) => void },
  ): Promise<t.BatchWithTasks>;
};

export function batchesOf(connection: Connection): BatchCalls {
  const { call } = connection;
  const get: BatchCalls['get'] = (batchId, options) =>
    call((trpc, o) => trpc.batches.get.query({ batchId }, o), reading(options));
  const watch: BatchCalls['watch'] = (batchId, options = {}) => watchBatch(connection, batchId, options);
  // Asking again changes nothing: the file is made once.
  const zip: BatchCalls['zip'] = (batchId, options) =>
    call((trpc, o) => trpc.batches.zip.mutate({ batchId }, o), reading(options));
  return {
    get,
    watch,
    zip,
    create: (input, options) => call((trpc, o) => trpc.batches.create.mutate(input, o), keyed(options)),
    list: (page = {}, options) => call((trpc, o) => trpc.batches.list.query(page, o), reading(options)),
    cancel: (batchId, options) => call((trpc, o) => trpc.batches.cancel.mutate({ batchId }, o), writing(options)),
    retryFailed: (batchId, options) =>
      call((trpc, o) => trpc.batches.retryFailed.mutate({ batchId }, o), keyed(options)),
    waitForZip: async (batchId, options = {}) => {
      for (;;) {
        const { url, ...rest } = await zip(batchId, options);
        if (url !== null) return { ...rest, url };
        await pause(options.everyMs ?? 1_000, options.signal);
      }
    },
    wait: async (batchId, options = {}) => {
      for await (const event of watch(batchId, options)) options.onEvent?.(event);
      return get(batchId, options);
    },
  };
}
