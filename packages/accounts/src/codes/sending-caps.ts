import { AppError } from '@yunshang/contracts';
import type { Redis } from 'ioredis';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Cap, SmsLimits } from '../account-settings.ts';

export type SendingCaps = {
  /** Counts one message to come. Throws SMS_TOO_FREQUENT when the address, its network or everybody had enough. */
  take(ip: string): Promise<void>;
};

/**
 * Caps over addresses, which cost money when broken but no correctness: counted in Redis, and by each process for itself
 * while Redis is away. A refused address does not use up what its network or everybody may send.
 */
export function createSendingCaps(
  redis: Redis,
  limits: Pick<SmsLimits, 'perIp' | 'perPrefix' | 'global'>,
): SendingCaps {
  const perIp = limiter(redis, 'ip', limits.perIp);
  const perPrefix = limiter(redis, 'prefix', limits.perPrefix);
  const global = limiter(redis, 'all', limits.global);
  return {
    async take(ip) {
      const { address, prefix } = networkOf(ip);
      await takeOne(perIp, address);
      await takeOne(perPrefix, prefix);
      await takeOne(global, 'all');
    },
  };
}

/** The address in one spelling and its /24 (IPv4) or /64 (IPv6). What is no address shares one bucket. */
export function networkOf(ip: string): { address: string; prefix: string } {
  if (!ipaddr.isValid(ip)) return { address: 'unknown', prefix: 'unknown' };
  const parsed = ipaddr.process(ip);
  const prefixBytes = parsed.kind() === 'ipv4' ? 3 : 8;
  const prefix = Buffer.from(parsed.toByteArray().slice(0, prefixBytes)).toString('hex');
  return { address: parsed.toNormalizedString().replace(/%.*$/, ''), prefix };
}

function limiter(redis: Redis, name: string, { points, seconds }: Cap): RateLimiterRedis {
  const keyPrefix = `yunshang:sms:${name}`;
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix,
    points,
    duration: seconds,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: seconds }),
  });
}

async function takeOne(cap: RateLimiterRedis, key: string): Promise<void> {
  try {
    await cap.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw new AppError('SMS_TOO_FREQUENT', { retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1_000)) });
  }
}
