import type { Clock } from '@yunshang/db';
import { LRUCache } from 'lru-cache';
import type { LiveSession } from './session.store.ts';

export type SessionCache = {
  /** The session as the database had it at most `ttlMs` ago; undefined when it was ended or never was. */
  find(sessionId: string): Promise<LiveSession | undefined>;
  forget(sessionId: string): void;
  forgetUser(userId: string): void;
  clear(): void;
};

type Entry = { session: LiveSession | undefined; readAtMs: number };

/**
 * Spares the database a read per request. The database stays the truth: an entry is believed for `ttlMs` only, and one
 * that was being read while something was forgotten is not kept.
 */
export function createSessionCache(
  load: (sessionId: string) => Promise<LiveSession | undefined>,
  clock: Clock,
  { ttlMs, max }: { ttlMs: number; max: number },
): SessionCache {
  const entries = new LRUCache<string, Entry>({ max });
  const loading = new Map<string, Promise<LiveSession | undefined>>();
  let epoch = 0;

  const read = async (sessionId: string): Promise<LiveSession | undefined> => {
    const begun = epoch;
    const readAtMs = clock.now().getTime();
    const session = await load(sessionId);
    if (begun === epoch) entries.set(sessionId, { session, readAtMs });
    return session;
  };
  const forgetLoads = (): void => {
    epoch += 1;
    loading.clear();
  };
  return {
    find(sessionId) {
      const entry = entries.get(sessionId);
      if (entry !== undefined && isFresh(entry, clock, ttlMs)) return Promise.resolve(entry.session);
      const known = loading.get(sessionId);
      if (known !== undefined) return known;
      const begun = read(sessionId).finally(() => {
        if (loading.get(sessionId) === begun) loading.delete(sessionId);
      });
      loading.set(sessionId, begun);
      return begun;
    },
    forget(sessionId) {
      entries.delete(sessionId);
      forgetLoads();
    },
    forgetUser(userId) {
      for (const [id, { session }] of entries) if (session?.userId === userId) entries.delete(id);
      forgetLoads();
    },
    clear() {
      entries.clear();
      forgetLoads();
    },
  };
}

/** A clock that was set back makes an entry look like one from the future: that is not fresh. */
function isFresh({ readAtMs }: Entry, clock: Clock, ttlMs: number): boolean {
  const ageMs = clock.now().getTime() - readAtMs;
  return ageMs >= 0 && ageMs < ttlMs;
}
