import type { PipelineSchema } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import { breakerOf } from './health.ts';
import { listEndpoints, type Endpoint } from './provider.store.ts';

/** Every request asks; the rows are read once in this time. */
const FRESH_MS = 1_000;

/**
 * Tells whether every step of a pipeline has a candidate that is switched on and not down, so that nobody is charged for work
 * no provider would take.
 */
export function createServability(db: Db, clock: Clock): (pipeline: PipelineSchema) => Promise<boolean> {
  const known = new Map<string, { at: number; endpoints: Promise<Map<string, Endpoint>> }>();

  function endpointsOf(refs: readonly string[]): Promise<Map<string, Endpoint>> {
    const key = refs.join(' ');
    const now = clock.now().getTime();
    const before = known.get(key);
    if (before !== undefined && now - before.at >= 0 && now - before.at < FRESH_MS) return before.endpoints;
    const endpoints = listEndpoints(db, refs);
    known.set(key, { at: now, endpoints });
    endpoints.catch(() => known.delete(key));
    return endpoints;
  }

  return async (pipeline) => {
    const refs = [...new Set(pipeline.steps.flatMap((step) => step.providerCandidates))].sort();
    const endpoints = await endpointsOf(refs);
    const isOpen = (ref: string): boolean => {
      const endpoint = endpoints.get(ref);
      return endpoint === undefined || breakerOf(endpoint.health, clock.now()) === 'open';
    };
    return pipeline.steps.every((step) => !step.providerCandidates.every(isOpen));
  };
}
