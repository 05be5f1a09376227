import { AppError, type DraftReview, type FieldIssue } from '@yunshang/contracts';
import type { Clock, Db, Tx } from '@yunshang/db';
import { issuesOf, reviewChange, type Change } from './change.ts';
import { configurationSchema } from './configuration.ts';
import { loadConfiguration } from './load-configuration.ts';
import { readConfiguration, UnreadableConfiguration } from './read-configuration.ts';

/** What a save must answer for: failures refuse it, warnings are to be acknowledged. */
export type Judgement = { failures: FieldIssue[]; warnings: FieldIssue[] };

type Part = 'features' | 'forms' | 'pipelines' | 'plans' | 'providers';
/** Definitions as their own rooms have them. */
export type ProposedChange = { readonly [part in Part]?: readonly object[] };
const changeSchema = configurationSchema.pick({
  features: true,
  forms: true,
  pipelines: true,
  plans: true,
  providers: true,
});

export type ConfigurationGuard = {
  /** Judges a change over what there is, as the transaction that will make it sees it. */
  review: (tx: Tx, change: ProposedChange) => Promise<Judgement>;
  /** What saving a draft would answer; nothing is kept. Throws INPUT_INVALID when it is no configuration. */
  reviewDraft: (draft: unknown) => Promise<DraftReview>;
};

export function createConfigurationGuard({ db, clock }: { db: Db; clock: Clock }): ConfigurationGuard {
  return {
    review: async (tx, change) => {
      const { failures, warnings } = reviewChange(await loadConfiguration(tx), changeSchema.parse(change), {
        now: clock.now(),
      });
      return { failures: issuesOf(failures), warnings: issuesOf(warnings) };
    },
    reviewDraft: async (draft) => {
      const review = reviewChange(await loadConfiguration(db), readDraft(draft), { now: clock.now() });
      const [failures, warnings] = [issuesOf(review.failures), issuesOf(review.warnings)];
      const acknowledge = [...new Set(warnings.map(({ rule }) => rule))];
      const outcome = failures.length > 0 ? 'refused' : acknowledge.length > 0 ? 'acknowledge' : 'accepted';
      return { outcome, acknowledge, failures, warnings, report: review.report };
    },
  };
}

function readDraft(draft: unknown): Change {
  try {
    const { features, forms, pipelines, plans, providers } = readConfiguration(draft);
    return { features, forms, pipelines, plans, ...(providers && { providers }) };
  } catch (error) {
    if (!(error instanceof UnreadableConfiguration)) throw error;
    const issue = { field: 'draft', rule: 'configuration', ...error.reason };
    throw new AppError('INPUT_INVALID', { issues: [issue] }, { cause: error });
  }
}
