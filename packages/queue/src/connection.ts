import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
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

/** One Redis, or all the nodes of a Redis Cluster. */
export type RedisConnection = Redis | Cluster;

const retryPauseMs = (times: number): number => Math.min(50 * times, MAX_RECONNECT_PAUSE_MS);

/**
 * `redis://host:port/0` is one Redis. `redis+cluster://host:port?node=host:port&node=…` is a cluster, of which one node has to
 * answer at the beginning (`rediss…` is either over TLS).
 */
function connectTo(redisUrl: string, name: string, options: RedisOptions): RedisConnection {
  const url = new URL(redisUrl);
  const common: RedisOptions = { connectionName: name, connectTimeout: CONNECT_TIMEOUT_MS, ...options };
  if (!/^rediss?\+cluster:$/.test(url.protocol))
    return new Redis(redisUrl, {
      retryStrategy: retryPauseMs,
      // A primary that became a replica refuses writes: connect again, to the new primary.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      ...common,
    });
  const { enableOfflineQueue = true, lazyConnect = false, ...ofNode } = common;
  const account = url.username === '' ? {} : { username: decodeURIComponent(url.username) };
  const secret = url.password === '' ? {} : { password: decodeURIComponent(url.password) };
  const tls = url.protocol.startsWith('rediss') ? { tls: {} } : {};
  const cluster: ClusterOptions = {
    clusterRetryStrategy: retryPauseMs,
    enableOfflineQueue,
    lazyConnect,
    redisOptions: { ...ofNode, ...account, ...secret, ...tls },
  };
  return new Cluster([url.host, ...url.searchParams.getAll('node')].map(nodeOf), cluster);
}

function nodeOf(host: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${host}`);
  return { host: hostname, port: port === '' ? 6379 : Number(port) };
}

/** Opens a connection that comes back by itself; trouble is logged once when it begins and once when it ends. */
export function openConnection(redisUrl: string, name: string, options: RedisOptions, log: QueueLog): RedisConnection {
  const redis = connectTo(redisUrl, name, options);
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
export function firstContact(redis: RedisConnection): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['ready', 'error', 'close']) redis.once(event, () => resolve());
  });
}

/** Says goodbye where Redis listens, and hangs up in any case. */
export async function closeConnection(redis: RedisConnection): Promise<void> {
  redis.removeAllListeners('close');
  if (redis.status === 'ready') await redis.quit().catch(() => undefined);
  redis.disconnect();
}
