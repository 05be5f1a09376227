import { Redis, type RedisOptions } from 'ioredis';
import type { QueueLog } from './queue-log.ts';

/** Longest pause between two tries to reach a Redis that went away. */
const MAX_RECONNECT_PAUSE_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A command that took longer has failed: the caller has another way (the outbox) and must not wait. */
const COMMAND_TIMEOUT_MS = 2_000;

/** For commands whose loss is harmless: they fail at once when Redis is away, and never run late. */
export const FAIL_FAST = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT_MS,
} as const satisfies RedisOptions;

/** For consumers and subscribers: they wait for as long as Redis is away. */
export const WAIT_FOR_EVER = { maxRetriesPerRequest: null } as const satisfies RedisOptions;

/** Opens a connection that comes back by itself; trouble is logged once when it begins and once when it ends. */
export function openConnection(redisUrl: string, name: string, options: RedisOptions, log: QueueLog): Redis {
  const redis = new Redis(redisUrl, {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(50 * times, MAX_RECONNECT_PAUSE_MS),
    // A primary that became a replica refuses writes: connect again, to the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...options,
  });
  let isAway = false;
  const away = (reason: string) => {
    if (isAway) return;
    isAway = true;
    log.warn({ connection: name, reason }, 'Redis is away');
  };
  redis.on('error', (error: Error) => away(error.message));
  redis.on('close', () => {
    if (redis.status !== 'end') away('the connection closed');
  });
  redis.on('ready', () => {
    if (isAway) log.info({ connection: name }, 'Redis is back');
    isAway = false;
  });
  return redis;
}

/** Until the first try to connect has ended, either way: what comes earlier would fail for no reason. */
export function firstContact(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['ready', 'error', 'close']) redis.once(event, () => resolve());
  });
}

/** Says goodbye where Redis listens, and hangs up in any case. */
export async function closeConnection(redis: Redis): Promise<void> {
  redis.removeAllListeners('close');
  if (redis.status === 'ready') await redis.quit().catch(() => undefined);
  redis.disconnect();
}
