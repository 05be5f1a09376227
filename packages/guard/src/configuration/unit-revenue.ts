import { ASSUMPTIONS } from './assumptions.ts';
import { whole, type Feature, type Plan } from './configuration.ts';
import type { Facts } from './facts.ts';
import { fenText, microYuanText, mulDivDown } from './yuan.ts';

const MICRO_YUAN_PER_FEN = 10_000;

/** What one unit of quota brings in under a plan, after the fee of the payment; rounded down. */
export type UnitRevenue = { planId: string; microYuan: number; line: string };

/** Of the plan whose units are cheapest, among those that may use the feature. Undefined when none is known. */
export function unitRevenueOf(facts: Facts, feature: Feature): UnitRevenue | undefined {
  const revenues = plansFor(facts, feature).flatMap((plan) => revenueOf(plan) ?? []);
  return revenues.toSorted((a, b) => a.microYuan - b.microYuan || a.planId.localeCompare(b.planId))[0];
}

/** Plans on sale whose members may use the feature. A whitelist says nothing of plans, so any of them may. */
export function plansFor({ configuration }: Facts, { planRequired, accessScope }: Feature): Plan[] {
  const least = accessScope === 'whitelist' ? undefined : whole(planRequired);
  return onSale(configuration.plans).filter(
    ({ level }) => least === undefined || level === undefined || level >= least,
  );
}

export function onSale(plans: readonly Plan[]): Plan[] {
  return plans.filter(({ status }) => status === undefined || status === 'published');
}

export function revenueOf({ planId, version, priceFen, quota }: Plan): UnitRevenue | undefined {
  const [fen, units] = [whole(priceFen), whole(quota)];
  if (fen === undefined || units === undefined || fen <= 0 || units <= 0) return undefined;
  const kept = 10_000 - ASSUMPTIONS.paymentFeePermyriad;
  const microYuan = mulDivDown(fen * MICRO_YUAN_PER_FEN, kept, 10_000 * units);
  const fee = `(1 − ${ASSUMPTIONS.paymentFeePermyriad}/10000 fee)`;
  return {
    planId,
    microYuan,
    line: `revenue of a unit: ${planId}/${version} ${fenText(fen)} × ${fee} / ${units} = ${microYuanText(microYuan)}`,
  };
}
