import type { Bilingual } from '@yunshang/contracts';
import type { RuleDoc } from '../report/rule-doc.ts';
import type { Facts } from './facts.ts';

/** One place that breaks a rule. */
export type Hit = {
  /** `features.basic_clean.quotaCost`, `pipelines.basic_clean/1.steps.0.polling`. */
  path: string;
  message: Bilingual;
  evidence?: readonly string[];
};

/** A rule over the whole configuration: pure, and the same for the same facts. Its examples are files that it is tried on. */
export type ConfigurationRule = Omit<RuleDoc, 'area' | 'bad' | 'good'> & {
  readonly bad: string;
  readonly good: string;
  readonly find: (facts: Facts) => Hit[];
};

/** A definition's path: `features.basic_clean` and what is within. */
export function pathOf(kind: string, name: string, ...within: readonly (string | number)[]): string {
  return [kind, name, ...within].join('.');
}

/** A figure as it stands in the file: text keeps its quotes, so that "5" is not 5. */
export function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
