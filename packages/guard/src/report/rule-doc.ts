import type { Bilingual } from '@yunshang/contracts';

/** What a rule looks at: BG1xx configuration, BG2xx code, BG3xx database. */
export const AREAS = ['configuration', 'code', 'database'] as const;
export type Area = (typeof AREAS)[number];

/** FAIL blocks a merge or a save. WARNING is listed, and a save asks that it be acknowledged. */
export type Severity = 'FAIL' | 'WARNING';

/** Text of an example and what it is written in. */
export type Example = { language: 'ts' | 'js' | 'json' | 'sql'; text: string };

/** Everything that people are told of a rule. Its page in docs/guard is made of this. */
export type RuleDoc = {
  /** `BG` and three digits, the first naming the area. Never used again for another rule. */
  readonly id: string;
  readonly area: Area;
  readonly severity: Severity;
  readonly title: Bilingual;
  readonly why: Bilingual;
  /** Where it was seen to go wrong: `new-api PR#6074`, or which page demands it. */
  readonly incidents: readonly string[];
  readonly mend: Bilingual;
  readonly bad: Example;
  readonly good: Example;
  /** A warning that is shown in red like a failure: for what was allowed by exception. */
  readonly isRed?: boolean;
};
