export { runDoctor } from './doctor/run-doctor.ts';
export type { Finding, Invariant, Severity } from './doctor/rule.ts';
export { rulePages } from './report/pages.ts';
export { RULES } from './rules.ts';
export { createConfigurationGuard, type ConfigurationGuard } from './configuration/guard-configuration.ts';
