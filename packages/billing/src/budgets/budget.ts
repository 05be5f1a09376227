import { weekOf } from '../calendar/calendar.ts';

export const GLOBAL = 'global';
const FEATURE = 'feature:';

/** What a budget is for: one feature, or all of them together. */
export function featureScope(featureId: string): string {
  return `${FEATURE}${featureId}`;
}

/** The feature of a scope; undefined for the global one. */
export function featureOf(scope: string): string | undefined {
  return scope.startsWith(FEATURE) ? scope.slice(FEATURE.length) : undefined;
}

/** What one task asks of the budgets of the week it is created in, and their limits in micro-yuan. */
export type Reservation = {
  readonly featureId: string;
  readonly microYuan: number;
  /** Undefined where there is no budget. At least one is there. */
  readonly feature: number | undefined;
  readonly global: number | undefined;
};

export type ReservedIn = 'feature' | 'global' | 'both';

export function reservedIn({ feature, global }: Pick<Reservation, 'feature' | 'global'>): ReservedIn {
  if (feature === undefined) return 'global';
  return global === undefined ? 'feature' : 'both';
}

/** What is asked of one row of budget_weeks. */
export type Claim = {
  readonly scope: string;
  readonly week: string;
  readonly microYuan: number;
  readonly limitMicroYuan: number;
};

/** The rows that these tasks reserve in, each once, in the order in which everybody locks them. */
export function claimsOf(wishes: readonly { reservation: Reservation; tasks: number; at: Date }[]): Claim[] {
  const claims = new Map<string, Claim>();
  for (const { reservation, tasks, at } of wishes) {
    const week = weekOf(at);
    const microYuan = reservation.microYuan * tasks;
    for (const [scope, limitMicroYuan] of limitsOf(reservation)) {
      const before = claims.get(`${scope} ${week}`);
      claims.set(`${scope} ${week}`, {
        scope,
        week,
        microYuan: microYuan + (before?.microYuan ?? 0),
        // Read at different moments, two requests may know different limits: the lower one holds.
        limitMicroYuan: Math.min(limitMicroYuan, before?.limitMicroYuan ?? limitMicroYuan),
      });
    }
  }
  return [...claims.values()].sort(inLockOrder);
}

/** The scopes of a reservation with their limits. */
export function limitsOf({ featureId, feature, global }: Reservation): [scope: string, limitMicroYuan: number][] {
  return [
    ...(feature === undefined ? [] : [[featureScope(featureId), feature] as [string, number]]),
    ...(global === undefined ? [] : [[GLOBAL, global] as [string, number]]),
  ];
}

function inLockOrder(one: Claim, other: Claim): number {
  if (one.scope !== other.scope) return one.scope < other.scope ? -1 : 1;
  return one.week < other.week ? -1 : 1;
}

export type Level = 'within' | 'warned' | 'full';
/** Of the limit. */
const WARN_PERCENT = 80n;

/** How full a budget is: `warned` from 80 %, `full` from 100 %. */
export function levelOf(usedMicroYuan: number, limitMicroYuan: number): Level {
  if (usedMicroYuan >= limitMicroYuan) return 'full';
  return BigInt(usedMicroYuan) * 100n >= BigInt(limitMicroYuan) * WARN_PERCENT ? 'warned' : 'within';
}
