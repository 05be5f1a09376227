import { Redis } from 'ioredis';

const COMMAND_TIMEOUT_MS = 1_000;
const MAX_RECONNECT_PAUSE_MS = 1_000;

/** For the locks of schedules: commands fail at once while Redis is away. The queue's connections tell that it is. */
export function openLockConnection(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    connectionName: 'yunshang-schedules',
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(50 * times, MAX_RECONNECT_PAUSE_MS),
  });
  redis.on('error', () => {}); // unheard, the event would end the process
  return redis;
}
