import type { Compensated, Compensation } from '@yunshang/contracts';
import type { Actor, Clock, Db } from '@yunshang/db';
import { compensate, type CompensateInput } from './compensate.ts';
import { listCompensations } from './compensation.store.ts';
import type { CompensationLimits } from './compensation.ts';

export type Compensations = {
  compensate(actor: Actor, input: CompensateInput): Promise<Compensated>;
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(page: {
    userId?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: Compensation[]; nextCursor: string | null }>;
};

export function createCompensations(deps: { db: Db; clock: Clock; limits: CompensationLimits }): Compensations {
  return {
    compensate: (actor, input) => compensate(deps, actor, input),
    list: (page) => listCompensations(deps.db, page),
  };
}
