import type { PipelineSchema } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import { createEndpointList } from './endpoint-list.ts';
import { breakerOf } from './health.ts';

/** Every request asks; the rows are read once in this time. */
const FRESH_MS = 1_000;

/**
 * Tells whether every step of a pipeline has a candidate that is switched on and not down, so that nobody is charged for work
 * no provider would take.
 */
export function createServability(db: Db, clock: Clock): (pipeline: PipelineSchema) => Promise<boolean> {
  const list = createEndpointList(db, clock, FRESH_MS);
  return async (pipeline) => {
    const endpoints = await list.all();
    const isOpen = (ref: string): boolean => {
      const endpoint = endpoints.get(ref);
      return endpoint === undefined || breakerOf(endpoint.health, clock.now()) === 'open';
    };
    return pipeline.steps.every((step) => !step.providerCandidates.every(isOpen));
  };
}
