import { assertPasses, type Judgement, type Passed } from '@yunshang/billing';
import type { FeatureDefinition, ProviderBody } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import type { VersionId } from './version.store.ts';

export type ProposedVersion = Omit<VersionId, 'kind'> & { status: string; body: unknown };

/** What is about to be saved, to be judged over what there is. */
export type ProposedChange = {
  features?: readonly FeatureDefinition[];
  forms?: readonly ProposedVersion[];
  pipelines?: readonly ProposedVersion[];
  providers?: readonly ProviderBody[];
};

/** The billing guard, handed in at wiring: whether the business survives the change, as this transaction sees it. */
export type Review = (tx: Tx, change: ProposedChange) => Promise<Judgement>;

/**
 * Lets a change through when nothing in it fails and every warning is acknowledged by its rule. Throws GUARD_REFUSED with all
 * failures, GUARD_UNACKNOWLEDGED with the warnings that nobody answered for.
 */
export async function passGuard(
  { tx, review }: { tx: Tx; review: Review },
  change: ProposedChange,
  acknowledge: readonly string[] = [],
): Promise<Passed> {
  return assertPasses(await review(tx, change), acknowledge);
}

/** A version of a form or pipeline as a proposal. */
export function proposedVersion(
  { featureId, kind, version }: VersionId,
  status: string,
  body: unknown,
): ProposedChange {
  const versions = [{ featureId, version, status, body }];
  return kind === 'form' ? { forms: versions } : { pipelines: versions };
}
