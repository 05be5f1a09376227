import type { Clock, Db } from '@yunshang/db';
import { listEndpoints, type Endpoint } from './provider.store.ts';

/** The providers that are switched on with their health, as this process last read them. */
export type EndpointList = {
  all(): Promise<ReadonlyMap<string, Endpoint>>;
  /** Something of them has changed: they are read anew before the next look. */
  forget(): void;
  /** Whether a call that went well needs to be written down: not while all is known to be well and was written a moment ago. */
  isNews(ref: string, now: Date): boolean;
};

/** A provider's running averages are written this often while all is well. */
const WRITTEN_EVERY_MS = 1_000;

/**
 * Read with one query in `freshMs` at most. What another process has learnt is known here after that; what this one learns, at
 * once, by forget.
 */
export function createEndpointList(db: Db, clock: Clock, freshMs: number): EndpointList {
  let snapshot: { at: number; endpoints: Promise<ReadonlyMap<string, Endpoint>> } | undefined;
  let known: ReadonlyMap<string, Endpoint> = new Map();
  const written = new Map<string, number>();

  async function read(): Promise<ReadonlyMap<string, Endpoint>> {
    const endpoints = await listEndpoints(db);
    known = endpoints;
    return endpoints;
  }

  function all(): Promise<ReadonlyMap<string, Endpoint>> {
    const now = clock.now().getTime();
    if (snapshot !== undefined && now - snapshot.at >= 0 && now - snapshot.at < freshMs) return snapshot.endpoints;
    const fresh = { at: now, endpoints: read() };
    snapshot = fresh;
    fresh.endpoints.catch(() => {
      if (snapshot === fresh) snapshot = undefined;
    });
    return fresh.endpoints;
  }

  return {
    all,
    forget: () => {
      snapshot = undefined;
      written.clear();
    },
    isNews: (ref, now) => {
      const health = known.get(ref)?.health;
      const isWell = health?.status === 'up' && health.consecutiveFailures === 0;
      const sinceMs = now.getTime() - (written.get(ref) ?? Number.NEGATIVE_INFINITY);
      if (isWell && sinceMs >= 0 && sinceMs < WRITTEN_EVERY_MS) return false;
      written.set(ref, now.getTime());
      return true;
    },
  };
}
