import type { RedisConnection } from './connection.ts';
import type { QueueLog } from './queue-log.ts';

export type Subscriptions = { add(channel: string, callback: () => void): () => void };

type Channel = { callbacks: Map<symbol, () => void> };

/** Counts who listens to what on one connection: Redis hears of a channel's first listener and of its last. */
export function listenOn(redis: RedisConnection, log: QueueLog): Subscriptions {
  const channels = new Map<string, Channel>();

  const call = (channel: Channel | undefined): void => {
    for (const callback of channel?.callbacks.values() ?? []) {
      try {
        callback();
      } catch (error) {
        log.error({ err: error }, 'a listener threw');
      }
    }
  };

  // ioredis keeps the commands of a time without Redis and sends them, or all subscriptions anew, when it is back.
  const open = (name: string, channel: Channel): void => {
    redis.subscribe(name).then(
      () => call(channel),
      () => undefined,
    );
  };

  const close = (name: string): void => {
    redis.unsubscribe(name).catch(() => undefined);
  };

  redis.on('message', (name: string) => call(channels.get(name)));
  let hasBeenReady = false;
  redis.on('ready', () => {
    // While the connection was away messages were lost: let everybody look.
    if (hasBeenReady) for (const channel of channels.values()) call(channel);
    hasBeenReady = true;
  });

  return {
    add: (name, callback) => {
      const key = Symbol(name);
      const known = channels.get(name);
      const channel = known ?? { callbacks: new Map() };
      channel.callbacks.set(key, callback);
      if (known === undefined) {
        channels.set(name, channel);
        open(name, channel);
      }
      return () => {
        if (!channel.callbacks.delete(key) || channel.callbacks.size > 0) return;
        channels.delete(name);
        close(name);
      };
    },
  };
}
