import type { RuleDoc } from '../report/rule-doc.ts';
import { invariantDocs } from './invariant-docs.ts';
import { DATABASE_RULES } from './rules.ts';

/** BG3xx. */
export const databaseRuleDocs: readonly RuleDoc[] = [
  ...DATABASE_RULES.map(({ find: _find, bad, good, ...doc }): RuleDoc => ({
    ...doc,
    area: 'database',
    bad: { language: 'sql', text: bad },
    good: { language: 'sql', text: good },
  })),
  ...invariantDocs,
];
