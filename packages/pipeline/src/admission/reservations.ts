import { createBudgetGate, createPriceBook, providerItems, type BudgetGate, type Reservation } from '@yunshang/billing';
import type { PipelineSchema } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import type { LiveFeature } from '../features/feature.store.ts';
import { createEndpointList } from '../providers/endpoint-list.ts';
import { endpointNameOf } from '../running/step-run.ts';

/** What new tasks ask of the weekly budgets. */
export type Reservations = Pick<BudgetGate, 'closed' | 'refused'> & {
  /** What one task of the feature reserves; null while there is no budget. */
  of(feature: LiveFeature): Promise<Reservation | null>;
};

/** How long a change of a provider may stay unseen by this process. */
const FRESH_MS = 3_000;

export function createReservations({ db, clock }: { db: Db; clock: Clock }): Reservations {
  const gate = createBudgetGate({ db, clock });
  const prices = createPriceBook(db, clock);
  const list = createEndpointList(db, clock, FRESH_MS);

  /** Each step done once, by the dearest who may be asked: falling back does not go beyond it, trying again does. */
  async function estimate({ steps }: PipelineSchema): Promise<number> {
    const now = clock.now();
    const endpoints = await list.all();
    let sum = 0;
    for (const step of steps) {
      const costs = step.providerCandidates.map(async (ref) => {
        const price = await prices.at(providerItems(ref, endpointNameOf(step)), now);
        const endpoint = endpoints.get(ref);
        return endpoint === undefined ? 0 : (price?.microYuan ?? endpoint.unitCostMicroYuan);
      });
      sum += Math.max(...(await Promise.all(costs)));
    }
    return sum;
  }

  return {
    ...gate,
    of: ({ definition: { featureId, weeklyBudgetFen }, pipeline }) =>
      gate.reservationFor({ featureId, weeklyBudgetFen, estimate: () => estimate(pipeline) }),
  };
}
