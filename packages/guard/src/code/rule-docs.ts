import type { RuleDoc } from '../report/rule-doc.ts';

/** BG2xx. */
export const codeRuleDocs: readonly RuleDoc[] = [];
