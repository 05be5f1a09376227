import { coalesce } from './coalesce.ts';
import { FAIL_FAST, WAIT_FOR_EVER, closeConnection, openConnection } from './connection.ts';
import { NUDGE_CHANNEL, taskChannel } from './keys.ts';
import { silentLog, type QueueLog } from './queue-log.ts';
import { listenOn } from './subscriptions.ts';

/**
 * Word between processes that something is worth reading, for speed only: nothing is lost when a signal is, because every
 * reader also looks by itself. Nothing here throws when Redis is away.
 */
export type Signals = {
  /** The outbox has work. Any number of calls make one message per 5 ms. */
  nudge(): void;
  /** Calls back on nudges; also once Redis begins to listen or is back, since a nudge may have been missed. */
  onNudge(callback: () => void): () => void;
  /** The task has a new event. Coalesced like nudges. */
  taskMoved(taskId: string): void;
  /** Calls back when the task has a new event; also once listening begins or is resumed: read after that, and miss nothing. */
  onTaskMoved(taskId: string, callback: () => void): () => void;
  close(): Promise<void>;
};

/** At most one message per channel in this time: at 3,000 creates a second, 200 nudges instead of 3,000. */
const COALESCE_MS = 5;

/** Signals over Redis pub/sub: one connection to publish, one to listen, opened when first used. */
export function createSignals(redisUrl: string, { log = silentLog }: { log?: QueueLog } = {}): Signals {
  const publisher = openConnection(redisUrl, 'yunshang-signals', FAIL_FAST, log);
  const listener = openConnection(redisUrl, 'yunshang-listener', { ...WAIT_FOR_EVER, lazyConnect: true }, log);
  const subscriptions = listenOn(listener, log);
  const outgoing = coalesce(COALESCE_MS, (channels) => {
    if (publisher.status !== 'ready') return;
    for (const channel of channels) publisher.publish(channel, '').catch(() => undefined);
  });
  return {
    nudge: () => outgoing.add(NUDGE_CHANNEL),
    onNudge: (callback) => subscriptions.add(NUDGE_CHANNEL, callback),
    taskMoved: (taskId) => outgoing.add(taskChannel(taskId)),
    onTaskMoved: (taskId, callback) => subscriptions.add(taskChannel(taskId), callback),
    close: async () => {
      outgoing.flush();
      await Promise.all([closeConnection(publisher), closeConnection(listener)]);
    },
  };
}
