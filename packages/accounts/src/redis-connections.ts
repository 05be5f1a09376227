import type { Redis } from 'ioredis';
import type { Log } from './log.ts';

/** Counting and telling give up at once when Redis is away: both have something to fall back on. */
const COMMAND_TIMEOUT_MS = 300;

export type RedisConnections = { commands: Redis; subscriber: Redis; close(): void };

/** Two connections of our own to the same Redis, as neither its waiting nor its subscriptions are others' business. */
export function openRedisConnections(redis: Redis, log: Log): RedisConnections {
  const commands = redis.duplicate({
    lazyConnect: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  const subscriber = redis.duplicate({ lazyConnect: false, enableOfflineQueue: true, maxRetriesPerRequest: null });
  logOutages(commands, log);
  // Its outages are the same; unheard, the event would end the process.
  subscriber.on('error', () => undefined);
  return {
    commands,
    subscriber,
    close() {
      commands.disconnect();
      subscriber.disconnect();
    },
  };
}

/** One line when an outage begins and one when it ends, however often reconnecting fails. */
function logOutages(redis: Redis, log: Log): void {
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ reason: 'code' in error ? error.code : error.name }, 'Redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info({}, 'Redis is back');
    away = false;
  });
}
