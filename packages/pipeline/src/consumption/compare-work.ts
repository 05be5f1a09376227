import { finding, type Finding } from '@yunshang/billing';
import type { Clock, Db } from '@yunshang/db';
import type { WorkConsumption } from '../providers/provider.ts';
import { settleFound, type Work } from './work.store.ts';

export type WorkDeps = {
  db: Db;
  clock: Clock;
  /** Writes a difference down: before it is mended, so that nothing is mended unseen, and after. */
  keep: (found: Finding) => Promise<void>;
};

/** What the vendor says of work against what is booked for it. What has no figure of the vendor's takes the one it says; a settled one stays. */
export async function compareWork(deps: WorkDeps, work: Work, said: WorkConsumption | undefined): Promise<Finding[]> {
  const { bookedMicroYuan: hereMicroYuan, vendor_ref: vendorRef } = work;
  const details = { account: work.provider_ref, taskId: work.task_id, vendorRef, hereMicroYuan };
  const isSettled = work.settled_cost_micro_yuan !== null;
  if (said?.state === 'told') {
    const told = { ...details, thereMicroYuan: said.costMicroYuan };
    if (isSettled && hereMicroYuan !== null)
      return hereMicroYuan === said.costMicroYuan ? [] : [finding('cost_differs', work.id, { details: told })];
    const kind = hereMicroYuan === null ? 'cost_missing' : 'cost_unsettled';
    return mend(deps, { work, found: finding(kind, work.id, { details: told }), costMicroYuan: said.costMicroYuan });
  }
  // Nothing was booked for it in the end: nothing is to be known.
  if (hereMicroYuan === 0) return [];
  if (said?.state === 'unknown') return [finding('cost_unknown_there', work.id, { details })];
  return isSettled
    ? []
    : [finding('cost_unsettled', work.id, { details: { ...details, says: said?.state ?? 'no_number' } })];
}

/** Safe, as nothing that the vendor has said before is changed: the entry that was missing is added. */
async function mend(
  { db, clock, keep }: WorkDeps,
  { work, found, costMicroYuan }: { work: Work; found: Finding; costMicroYuan: number },
): Promise<Finding[]> {
  if (work.settled_cost_micro_yuan !== null) return [found];
  await keep(found);
  if (!(await settleFound(db, work, { costMicroYuan, now: clock.now() }))) return [found];
  await keep({ ...found, isHealed: true });
  return [];
}
