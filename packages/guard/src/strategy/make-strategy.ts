import type { Bilingual } from '@yunshang/contracts';
import { ASSUMPTIONS } from '../configuration/assumptions.ts';
import { whole, type Configuration, type Feature, type Plan } from '../configuration/configuration.ts';
import { factsOf, type Facts } from '../configuration/facts.ts';
import { featureCostOf } from '../configuration/feature-cost.ts';
import { onSale, plansFor } from '../configuration/unit-revenue.ts';
import { mulDivUp } from '../configuration/yuan.ts';
import { mixesOf, outlookOf, type Mix } from './mixes.ts';
import { risksOf } from './risks.ts';
import type { FeatureOutlook, PlanOutlook, Strategy } from './strategy.ts';

const MICRO_YUAN_PER_FEN = 10_000;
const DAYS = 30;

/** Reckons with every plan on sale and every feature whose cost is known. Pure: the same configuration gives the same strategy. */
export function makeStrategy(
  configuration: Configuration,
  { now, mix }: { now: Date; mix?: Mix | undefined },
): Strategy {
  const facts = factsOf(configuration, now);
  const judged = configuration.features
    .toSorted((a, b) => (a.featureId < b.featureId ? -1 : 1))
    .map((feature) => ({ feature, outlook: featureOutlook(facts, feature) }));
  const known = judged.flatMap(({ feature, outlook }) => ('reason' in outlook ? [] : [{ feature, outlook }]));
  const plans = onSale(configuration.plans).flatMap((plan) => planOutlook(facts, plan, { known, mix }) ?? []);
  const features = known.map(({ outlook }) => outlook);
  return {
    version: 1,
    plans,
    features,
    risks: risksOf(plans, features),
    unknown: judged.flatMap(({ feature: { featureId }, outlook }) =>
      'reason' in outlook ? [{ featureId, reason: outlook.reason }] : [],
    ),
  };
}

type Known = { feature: Feature; outlook: FeatureOutlook };

function featureOutlook(facts: Facts, feature: Feature): FeatureOutlook | { reason: Bilingual } {
  const { featureId, title = featureId, quotaCost, rateLimitPolicy, weeklyBudgetFen } = feature;
  const [units, cost] = [whole(quotaCost), featureCostOf(facts, feature)];
  if (units === undefined || units < 0)
    return { reason: { zh: 'quotaCost 不是整数', en: 'its quotaCost is no whole number' } };
  if (cost === undefined)
    return { reason: { zh: '流水线、供应商或价格未知', en: 'its pipeline, a provider or a price is unknown' } };
  return {
    featureId,
    title,
    quotaCost: units,
    costMicroYuan: cost.perResultMicroYuan,
    worstMicroYuan: cost.worstMicroYuan,
    perDay: whole(rateLimitPolicy?.maxPerDay) ?? null,
    weeklyBudgetFen: whole(weeklyBudgetFen) ?? null,
    lines: cost.lines,
  };
}

function planOutlook(
  facts: Facts,
  plan: Plan,
  { known, mix }: { known: readonly Known[]; mix?: Mix | undefined },
): PlanOutlook | undefined {
  const [priceFen, quota] = [whole(plan.priceFen), whole(plan.quota)];
  if (priceFen === undefined || quota === undefined || priceFen <= 0 || quota <= 0) return undefined;
  const periodDays = whole(plan.periodDays) ?? (whole(plan.periodMonths) ?? 1) * DAYS;
  const price = priceFen * MICRO_YUAN_PER_FEN;
  const feeMicroYuan = mulDivUp(price, ASSUMPTIONS.paymentFeePermyriad, 10_000);
  const terms = { quota, periodDays, netMicroYuan: price - feeMicroYuan };
  const usable = known.filter(({ feature }) => plansFor(facts, feature).includes(plan)).map(({ outlook }) => outlook);
  const isPossible = ({ sharesPpm }: Mix): boolean =>
    Object.keys(sharesPpm).every((id) => usable.some(({ featureId }) => featureId === id));
  const mixes = [...(mix === undefined ? [] : [mix]), ...mixesOf(usable)].filter(isPossible);
  return {
    planId: plan.planId,
    version: plan.version,
    title: plan.title ?? plan.planId,
    priceFen,
    feeMicroYuan,
    ...terms,
    mixes: mixes.map((one) => outlookOf(one, terms, usable)),
  };
}
