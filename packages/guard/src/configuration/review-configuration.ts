import type { Finding, Report } from '../report/report.ts';
import { reportOf } from '../report/verdict.ts';
import type { Configuration } from './configuration.ts';
import { factsOf } from './facts.ts';
import { CONFIGURATION_RULES } from './rules.ts';

/** Judges a configuration by every rule. Pure: the same configuration at the same time gives the same report. */
export function reviewConfiguration(configuration: Configuration, { now }: { now: Date }): Report {
  const facts = factsOf(configuration, now);
  const findings = CONFIGURATION_RULES.flatMap(({ id, severity, find }) =>
    find(facts).map(({ path, message, evidence = [] }): Finding => ({
      ruleId: id,
      severity,
      message,
      where: { path },
      evidence: [...evidence],
    })),
  );
  return reportOf({ findings, items: countOf(configuration), rules: CONFIGURATION_RULES.length });
}

function countOf({ features, forms, pipelines, plans, providers = [], unitPrices }: Configuration): number {
  return [features, forms, pipelines, plans, providers, unitPrices].reduce((sum, list) => sum + list.length, 0);
}
