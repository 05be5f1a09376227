import type { RuleDoc } from '../report/rule-doc.ts';

/** BG3xx. */
export const databaseRuleDocs: readonly RuleDoc[] = [];
