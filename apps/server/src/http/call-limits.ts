import { AppError } from '@yunshang/contracts';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

export type CallLimit = {
  /** The configured `perCaller` unless given. */
  perMinute?: number;
  /**
   * `shared` counts over all server processes, at one Redis round trip a call; `process` counts here only, for hot
   * procedures that have exact limits of their own in the database.
   */
  counted: 'shared' | 'process';
};

export type CallLimitsConfig = {
  /** Requests of one address a minute; a shield of this process, so it is counted here. */
  perAddress: number;
  /** Calls of one user to one procedure a minute, where the procedure says nothing else. */
  perCaller: number;
};

export type CallLimits = {
  /** Throws RATE_LIMITED when the caller has used up the procedure's minute. */
  take(path: string, who: string, limit: CallLimit | undefined): Promise<void>;
  /** Throws RATE_LIMITED when the address has sent too much. */
  takeAddress(ip: string): Promise<void>;
};

const MINUTE = 60;

/**
 * Limits of the edge. While Redis is away each process counts in its own memory: limits get looser, nobody is blocked
 * and none is lifted.
 */
export function createCallLimits(redis: Redis, config: CallLimitsConfig): CallLimits {
  const addresses = new RateLimiterMemory({ points: config.perAddress, duration: MINUTE });
  const limiters = new Map<string, RateLimiterAbstract>();
  const limiterOf = (path: string, limit: CallLimit): RateLimiterAbstract => {
    const known = limiters.get(path) ?? createLimiter(redis, path, { perMinute: config.perCaller, ...limit });
    limiters.set(path, known);
    return known;
  };
  return {
    take: (path, who, limit = { counted: 'shared' }) => consume(limiterOf(path, limit), who),
    takeAddress: (ip) => consume(addresses, ip),
  };
}

function createLimiter(redis: Redis, path: string, limit: Required<CallLimit>): RateLimiterAbstract {
  const options = { points: limit.perMinute, duration: MINUTE, keyPrefix: `{yunshang}:limit:${path}` };
  const memory = new RateLimiterMemory(options);
  if (limit.counted === 'process') return memory;
  return new RateLimiterRedis({
    ...options,
    storeClient: redis,
    insuranceLimiter: memory,
    rejectIfRedisNotReady: true,
  });
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(refused.msBeforeNext / 1000) });
  }
}
