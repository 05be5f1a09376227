export { runDoctor } from './doctor/run-doctor.ts';
export type { Finding, Invariant, Severity } from './doctor/rule.ts';
export { rulePages } from './report/pages.ts';
export { RULES } from './rules.ts';
export { createConfigurationGuard } from './configuration/guard-configuration.ts';
export { createGuard, type Guard } from './reviews/guard.ts';
export { createNightlyReview, type NightlyReview } from './reviews/nightly-review.ts';
