import type { FieldIssue } from '@yunshang/contracts';
import { getRule } from '../report/registry.ts';
import type { Finding, Report } from '../report/report.ts';
import { whereText } from '../report/verdict.ts';
import { RULES } from '../rules.ts';
import type { Configuration } from './configuration.ts';
import { reviewConfiguration } from './review-configuration.ts';

/** Parts as they would be; each replaces, field by field, the part of its name. */
export type Change = Partial<Pick<Configuration, 'features' | 'forms' | 'pipelines' | 'plans' | 'providers'>>;

/** What a change must answer for, and the report on everything as it would be. */
export type ChangeReview = { failures: Finding[]; warnings: Finding[]; report: Report };

/**
 * Judges what a change would bring. It answers for every finding that was not there before, wherever it shows: a dearer provider for
 * the features that use it. It also answers for failures within what it touches, new or not, unless that is a feature that is off:
 * who mends or switches off half of what is wrong is let through.
 */
export function reviewChange(configuration: Configuration, change: Change, { now }: { now: Date }): ChangeReview {
  const before = new Set(reviewConfiguration(configuration, { now }).findings.map(keyOf));
  const report = reviewConfiguration(withChange(configuration, change), { now });
  const fresh = report.findings.filter((finding) => !before.has(keyOf(finding)));
  const touched = touchedPaths(change);
  const isTouched = (finding: Finding): boolean =>
    touched.some((path) => whereText(finding.where).startsWith(`${path}.`));
  const failures = report.findings.filter(
    (finding) => finding.severity === 'FAIL' && (fresh.includes(finding) || isTouched(finding)),
  );
  return { failures, warnings: fresh.filter(({ severity }) => severity === 'WARNING'), report };
}

/** Findings as issues of the API: the rule, the path, what is wrong, the arithmetic and how to mend it. */
export function issuesOf(findings: readonly Finding[]): FieldIssue[] {
  return findings.map(({ ruleId, where, message, evidence }) => ({
    field: whereText(where),
    rule: ruleId,
    ...message,
    mend: getRule(RULES, ruleId).mend,
    evidence,
  }));
}

const versionOf = (part: { featureId: string; version: number }): string => `${part.featureId}/${part.version}`;

/** The configuration with the change in it. */
export function withChange(configuration: Configuration, change: Change): Configuration {
  return {
    ...configuration,
    features: merged(configuration.features, change.features, ({ featureId }) => featureId),
    forms: merged(configuration.forms, change.forms, versionOf),
    pipelines: merged(configuration.pipelines, change.pipelines, versionOf),
    plans: merged(configuration.plans, change.plans, ({ planId, version }) => `${planId}/${version}`),
    ...(change.providers && {
      providers: merged(configuration.providers ?? [], change.providers, ({ providerRef }) => providerRef),
    }),
  };
}

function merged<T extends object>(parts: readonly T[], changes: readonly T[] = [], nameOf: (part: T) => string): T[] {
  const all = new Map(parts.map((part) => [nameOf(part), part]));
  for (const change of changes) all.set(nameOf(change), { ...all.get(nameOf(change)), ...change });
  return [...all.values()];
}

function touchedPaths({ features = [], forms = [], pipelines = [], plans = [], providers = [] }: Change): string[] {
  return [
    ...features.filter(({ isEnabled }) => isEnabled !== false).map(({ featureId }) => `features.${featureId}`),
    ...forms.map(({ featureId, version }) => `forms.${featureId}/${version}`),
    ...pipelines.map(({ featureId, version }) => `pipelines.${featureId}/${version}`),
    ...plans.map(({ planId, version }) => `plans.${planId}/${version}`),
    ...providers.map(({ providerRef }) => `providers.${providerRef}`),
  ];
}

/** The same finding before and after. The words carry the figures: a margin that became worse is news. */
function keyOf({ ruleId, where, message }: Finding): string {
  return `${ruleId} ${whereText(where)} ${message.en}`;
}
