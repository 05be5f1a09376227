import { FIRST_DAY } from '@yunshang/db';
import { configurationSchema, planSchema, type Configuration, type Plan } from './configuration.ts';

/** The plans that the program itself was made with. */
export function configuredPlans(): Plan[] {
  return FIRST_DAY.plans.map((plan) => planSchema.parse(planOf(plan)));
}

/** What a new installation begins with, as a configuration. */
export function firstDay(): Configuration {
  return configurationSchema.parse({
    plans: FIRST_DAY.plans.map(planOf),
    providers: FIRST_DAY.providers.map((provider) => ({
      providerRef: provider.provider_ref,
      kind: provider.kind,
      unitCostMicroYuan: provider.unit_cost_micro_yuan,
      isEnabled: !('is_enabled' in provider),
    })),
    features: FIRST_DAY.features.map(({ definition }) => ({ ...definition, formVersion: 1, pipelineVersion: 1 })),
    forms: FIRST_DAY.features.map(({ definition, form }) => versionOf(definition.featureId, form)),
    pipelines: FIRST_DAY.features.map(({ definition, pipeline }) => versionOf(definition.featureId, pipeline)),
  });
}

function planOf(plan: (typeof FIRST_DAY.plans)[number]) {
  return {
    planId: plan.plan_id,
    version: plan.version,
    level: plan.level,
    priceFen: plan.price_fen,
    quota: plan.quota,
    periodDays: plan.period_days,
  };
}

function versionOf(featureId: string, body: object) {
  return { featureId, version: 1, status: 'published', body };
}
