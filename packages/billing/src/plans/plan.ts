import { type Bilingual, PLAN_STATUSES, type PlanStatus } from '@yunshang/contracts';
import { DAY_MS } from '../memberships/membership.ts';

type PlanLength = { periodDays: number | null; periodMonths: number | null };

/** Every move a version of a plan can make. A draft that is archived was never sold; what was sold never comes back. */
const PLAN_MOVES = {
  draft: ['published', 'archived'],
  published: ['archived'],
  archived: [],
} as const satisfies Record<PlanStatus, readonly PlanStatus[]>;

/** The states from which a version can move to `to`. */
export function statesBefore(to: PlanStatus): PlanStatus[] {
  return PLAN_STATUSES.filter((from) => PLAN_MOVES[from].some((next) => next === to));
}

/** How long a plan lasts, as the schedule of a member takes it. */
export function lengthOf(plan: PlanLength): { lengthMs: number } | { months: number } {
  if (plan.periodMonths !== null) return { months: plan.periodMonths };
  if (plan.periodDays === null) throw new Error('a plan without a length');
  return { lengthMs: plan.periodDays * DAY_MS };
}

/** How long a plan lasts, in words. */
export function periodText(plan: PlanLength): Bilingual {
  const { periodDays, periodMonths } = plan;
  if (periodMonths !== null) return { zh: `${periodMonths} 个月`, en: `${periodMonths} months` };
  return { zh: `${periodDays ?? 0} 天`, en: `${periodDays ?? 0} days` };
}
