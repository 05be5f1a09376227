import { AppError, type FeatureDefinition, type FieldIssue, type ProviderBody } from '@yunshang/contracts';
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
type Judgement = { failures: FieldIssue[]; warnings: FieldIssue[] };

/** What a save shows and remembers of its review. */
export type Passed = { warnings: FieldIssue[]; audited: { acknowledged?: string[] } };

const MAX_ISSUES = 100;

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

/** The same over a review that was made before something was written. */
export function assertPasses({ failures, warnings }: Judgement, acknowledge: readonly string[] = []): Passed {
  if (failures.length > 0) throw new AppError('GUARD_REFUSED', { issues: failures.slice(0, MAX_ISSUES) });
  const open = warnings.filter(({ rule }) => !acknowledge.includes(rule));
  if (open.length > 0) throw new AppError('GUARD_UNACKNOWLEDGED', { issues: open.slice(0, MAX_ISSUES) });
  const acknowledged = [...new Set(warnings.map(({ rule }) => rule))];
  return { warnings, audited: acknowledged.length === 0 ? {} : { acknowledged } };
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
