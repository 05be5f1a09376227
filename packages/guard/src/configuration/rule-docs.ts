import type { RuleDoc } from '../report/rule-doc.ts';

/** BG1xx. */
export const configurationRuleDocs: readonly RuleDoc[] = [];
