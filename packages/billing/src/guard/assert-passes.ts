import { AppError, type FieldIssue } from '@yunshang/contracts';

/** What the billing guard says of a change: failures refuse it, warnings are to be acknowledged. */
export type Judgement = { failures: FieldIssue[]; warnings: FieldIssue[] };

/** What a save shows and remembers of its review. */
export type Passed = { warnings: FieldIssue[]; audited: { acknowledged?: string[] } };

const MAX_ISSUES = 100;

/**
 * Lets a change through when nothing in it fails and every warning is acknowledged by its rule. Throws GUARD_REFUSED with all
 * failures, GUARD_UNACKNOWLEDGED with the warnings that nobody answered for.
 */
export function assertPasses({ failures, warnings }: Judgement, acknowledge: readonly string[] = []): Passed {
  if (failures.length > 0) throw new AppError('GUARD_REFUSED', { issues: failures.slice(0, MAX_ISSUES) });
  const open = warnings.filter(({ rule }) => !acknowledge.includes(rule));
  if (open.length > 0) throw new AppError('GUARD_UNACKNOWLEDGED', { issues: open.slice(0, MAX_ISSUES) });
  const acknowledged = [...new Set(warnings.map(({ rule }) => rule))];
  return { warnings, audited: acknowledged.length === 0 ? {} : { acknowledged } };
}
