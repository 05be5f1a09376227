import { networkOf } from '@yunshang/accounts';
import { AppError, isAppError } from '@yunshang/contracts';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Wrong guesses within an hour. */
export type GuessLimitsConfig = { perUser: number; perAddress: number; global: number };

/**
 * A person mistypes a few times; a shop's one address has many people. All together stay far below what would be a chance against 80 bits:
 * what the last limit saves is the database.
 */
export const DEFAULT_GUESS_LIMITS: GuessLimitsConfig = { perUser: 10, perAddress: 50, global: 5_000 };

export type GuessLimits = {
  /**
   * Lets somebody try a code. The try is counted before it is made, so that many at once are no more than so many, and is given back unless it
   * was a wrong guess (CODE_NOT_VALID). RATE_LIMITED after too many wrong ones.
   */
  make<T>(who: { userId: string; ip: string }, guess: () => Promise<T>): Promise<T>;
};

const HOUR_SECONDS = 3_600;

/** While Redis is away each process counts for itself. */
export function createGuessLimits(redis: Redis, config: GuessLimitsConfig = DEFAULT_GUESS_LIMITS): GuessLimits {
  const limiter = (name: string, points: number): RateLimiterRedis => {
    const options = { points, duration: HOUR_SECONDS, keyPrefix: `{yunshang}:guess:${name}` };
    const insuranceLimiter = new RateLimiterMemory(options);
    return new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter, rejectIfRedisNotReady: true });
  };
  const perUser = limiter('user', config.perUser);
  const perAddress = limiter('address', config.perAddress);
  const global = limiter('all', config.global);
  return {
    make: async ({ userId, ip }, guess) => {
      const { address, prefix } = networkOf(ip);
      // One IPv6 line has a whole /64 of addresses.
      const counted = [
        { limit: perUser, key: userId },
        { limit: perAddress, key: address.includes(':') ? prefix : address },
        { limit: global, key: 'all' },
      ];
      const taken: typeof counted = [];
      const giveBack = () => Promise.all(taken.map(({ limit, key }) => limit.reward(key)));
      for (const one of counted) {
        const refusal = await refusalOf(one);
        if (refusal === undefined) taken.push(one);
        else {
          await giveBack();
          throw refusal;
        }
      }
      try {
        const made = await guess();
        await giveBack();
        return made;
      } catch (error) {
        if (!isAppError(error, 'CODE_NOT_VALID')) await giveBack();
        throw error;
      }
    },
  };
}

async function refusalOf({ limit, key }: { limit: RateLimiterRedis; key: string }): Promise<AppError | undefined> {
  try {
    await limit.consume(key);
    return undefined;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return new AppError('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) });
  }
}
