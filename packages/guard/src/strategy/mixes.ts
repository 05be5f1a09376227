import type { Bilingual } from '@yunshang/contracts';
import { mulDivDown, mulDivUp } from '../configuration/yuan.ts';
import { sharePpm, type FeatureOutlook, type MixOutlook } from './strategy.ts';

const ALL = 1_000_000;

/** How members might spend: parts in a million of the quota, by feature. */
export type Mix = { name: Bilingual; sharesPpm: Readonly<Record<string, number>> };

/** Each feature alone, and all of them alike. Those that take no quota are no way to spend any. */
export function mixesOf(features: readonly FeatureOutlook[]): Mix[] {
  const spending = features.filter(({ quotaCost }) => quotaCost > 0);
  const alone = spending.map(({ featureId, title }): Mix => ({
    name: { zh: `只用${title}`, en: `only ${featureId}` },
    sharesPpm: { [featureId]: ALL },
  }));
  if (spending.length < 2) return alone;
  const part = Math.floor(ALL / spending.length);
  const shares = spending.map(({ featureId }, index) => [
    featureId,
    index === 0 ? ALL - part * (spending.length - 1) : part,
  ]);
  return [{ name: { zh: '平均使用', en: 'all alike' }, sharesPpm: Object.fromEntries(shares) }, ...alone];
}

/** What a period costs and leaves when it is spent so. Units and profit are rounded down, costs up. */
export function outlookOf(
  mix: Mix,
  plan: { quota: number; periodDays: number; netMicroYuan: number },
  features: readonly FeatureOutlook[],
): MixOutlook {
  const spent = features
    .filter(({ featureId }) => (mix.sharesPpm[featureId] ?? 0) > 0)
    .map((feature) => {
      const wanted = mulDivDown(plan.quota, mix.sharesPpm[feature.featureId] ?? 0, ALL);
      const allowed = feature.perDay === null ? wanted : feature.perDay * plan.periodDays * feature.quotaCost;
      const units = Math.min(wanted, allowed);
      return { units, cost: mulDivUp(units, feature.costMicroYuan, feature.quotaCost) };
    });
  const [units, cost] = [sum(spent.map((one) => one.units)), sum(spent.map((one) => one.cost))];
  const profit = plan.netMicroYuan - cost;
  return {
    name: mix.name,
    sharesPpm: { ...mix.sharesPpm },
    units,
    costMicroYuan: cost,
    profitMicroYuan: profit,
    marginPpm: sharePpm(profit, plan.netMicroYuan),
    breakEvenPpm: cost === 0 ? null : mulDivDown(sharePpm(plan.netMicroYuan, cost), units, plan.quota),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
