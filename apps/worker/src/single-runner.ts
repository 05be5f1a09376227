import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Only the holder lets go; it keeps the name taken for the rest of the period, so that the fleet runs it once a period. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) > 0 then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('DEL', KEYS[1])`;

export type RunnerLock = {
  /**
   * A token when this process may run the schedule now, undefined when another has it. 'unknown' when Redis can not be
   * asked: then run, since every schedule is safe to run twice and must not depend on Redis.
   */
  take(name: string, ttlMs: number): Promise<{ token: string } | 'unknown' | undefined>;
  /** Frees the name after another `keepMs`. */
  release(name: string, token: string, keepMs: number): Promise<void>;
};

/** Braced like every key of ours, for Redis Cluster. */
function key(name: string): string {
  return `{yunshang}:schedule:${name}`;
}

/** Keeps the processes from doing the same work at the same time, for economy only. */
export function createRunnerLock(redis: Redis): RunnerLock {
  const contact = firstContact(redis);
  return {
    take: async (name, ttlMs) => {
      const token = randomUUID();
      await contact;
      try {
        const answer = await redis.set(key(name), token, 'PX', ttlMs, 'NX');
        return answer === 'OK' ? { token } : undefined;
      } catch {
        return 'unknown';
      }
    },
    release: async (name, token, keepMs) => {
      await redis.eval(RELEASE, 1, key(name), token, Math.max(0, Math.round(keepMs))).catch(() => undefined);
    },
  };
}

/** Until the first try to connect has ended, either way: who asks earlier would go without a lock for no reason. */
function firstContact(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve) => {
    for (const event of ['ready', 'error', 'close']) redis.once(event, () => resolve());
  });
}
