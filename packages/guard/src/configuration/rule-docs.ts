import type { RuleDoc } from '../report/rule-doc.ts';
import { CONFIGURATION_RULES } from './rules.ts';

/** BG1xx. */
export const configurationRuleDocs: readonly RuleDoc[] = CONFIGURATION_RULES.map(
  ({ find: _find, bad, good, ...doc }) => ({
    ...doc,
    area: 'configuration',
    bad: { language: 'json', text: bad },
    good: { language: 'json', text: good },
  }),
);
