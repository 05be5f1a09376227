import type { ConfigurationRule } from './rule.ts';
import { accessRules } from './rules/access.rules.ts';
import { formRules } from './rules/form.rules.ts';
import { limitRules } from './rules/limit.rules.ts';
import { mappingRules } from './rules/mapping.rules.ts';
import { marginRules } from './rules/margin.rules.ts';
import { pipelineRules } from './rules/pipeline.rules.ts';
import { planRules } from './rules/plan.rules.ts';
import { providerRules } from './rules/provider.rules.ts';
import { quotaCostRules } from './rules/quota-cost.rules.ts';

/** BG1xx, in the order of their ids. */
export const CONFIGURATION_RULES: readonly ConfigurationRule[] = [
  ...planRules,
  ...quotaCostRules,
  ...marginRules,
  ...limitRules,
  ...accessRules,
  ...pipelineRules,
  ...mappingRules,
  ...formRules,
  ...providerRules,
];
