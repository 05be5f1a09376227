import type { Endpoint } from '../providers/provider.store.ts';

type Limits = Pick<Endpoint, 'ref' | 'maxConcurrency' | 'ratePerMinute'>;

/** Who is being worked for at each provider, against its max_concurrency and rate_per_minute. */
export type ProviderSlots = {
  /** False when the provider is full. A slot that is not freed ends by itself after `ttlMs`. */
  take(limits: Limits, holder: string, ttlMs: number): Promise<boolean>;
  free(ref: string, holder: string): Promise<void>;
};

/** The one call that slots need of Redis; a client of ioredis fits. */
export type RedisScripts = {
  eval(script: string, keyCount: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
};

/**
 * KEYS: holders by the end of their lease, calls of the last minute by their time. ARGV: holder, its time to live, most holders,
 * most calls a minute (0 for any). By Redis's own clock, so that the workers' need not agree.
 */
const TAKE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
  local rate = tonumber(ARGV[4])
  if rate > 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 60000)
    if redis.call('ZCARD', KEYS[2]) >= rate then return 0 end
    redis.call('ZADD', KEYS[2], now, ARGV[1])
    redis.call('PEXPIRE', KEYS[2], 60000)
  end
end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], last[2])
return 1`;
const FREE = `return redis.call('ZREM', KEYS[1], ARGV[1])`;

const SLOTS = '{yunshang}:slots:';
const RATE = '{yunshang}:rate:';

/**
 * Slots shared by all workers. While Redis is away each process keeps the limits by itself: better a few calls too many, which
 * the vendor refuses, than none.
 */
export function createSharedSlots(redis: RedisScripts): ProviderSlots {
  const own = createProviderSlots();
  return {
    take: async (limits, holder, ttlMs) => {
      const { ref, maxConcurrency, ratePerMinute } = limits;
      try {
        const keys = [`${SLOTS}${ref}`, `${RATE}${ref}`];
        const ttl = Math.max(1, Math.ceil(ttlMs));
        return (await redis.eval(TAKE, 2, ...keys, holder, ttl, maxConcurrency, ratePerMinute ?? 0)) === 1;
      } catch {
        return own.take(limits, holder, ttlMs);
      }
    },
    free: async (ref, holder) => {
      await own.free(ref, holder);
      await redis.eval(FREE, 1, `${SLOTS}${ref}`, holder).catch(() => undefined); // it ends by itself
    },
  };
}

/** Slots of this process alone. */
export function createProviderSlots(now: () => number = Date.now): ProviderSlots {
  const taken = new Map<string, Map<string, number>>();
  const calls = new Map<string, number[]>();
  const living = (ref: string): Map<string, number> => {
    const holders = taken.get(ref) ?? new Map<string, number>();
    taken.set(ref, holders);
    for (const [holder, until] of holders) if (until <= now()) holders.delete(holder);
    return holders;
  };
  return {
    take: async ({ ref, maxConcurrency, ratePerMinute }, holder, ttlMs) => {
      const holders = living(ref);
      if (!holders.has(holder)) {
        if (holders.size >= maxConcurrency) return false;
        const recent = (calls.get(ref) ?? []).filter((at) => at > now() - 60_000);
        if (ratePerMinute !== null && recent.length >= ratePerMinute) return false;
        calls.set(ref, [...recent.slice(-10_000), now()]);
      }
      holders.set(holder, now() + ttlMs);
      return true;
    },
    free: async (ref, holder) => void taken.get(ref)?.delete(holder),
  };
}
