import type { Bilingual } from '@yunshang/contracts';
import type { RuleDoc } from '../report/rule-doc.ts';
import type { Where } from '../report/report.ts';
import type { DatabaseFacts } from './facts.ts';

/** One place that breaks a rule. `isUnsure`: it can not be told here, and somebody has to look. */
export type Hit = { where: Where; message: Bilingual; evidence?: readonly string[]; isUnsure?: boolean };

/** A rule over a database: pure, and the same for the same facts. Its examples are statements that it is tried on. */
export type DatabaseRule = Omit<RuleDoc, 'area' | 'bad' | 'good'> & {
  readonly bad: string;
  readonly good: string;
  readonly find: (facts: DatabaseFacts) => Hit[];
};
