import { addPeriod, type Period, removeOrder } from '../memberships/membership.ts';

/** A payment that was credited, or the refund that took the last of one back. `id` is the ledger row's. */
export type MemberFact = {
  readonly id: number;
  readonly userId: string;
  readonly kind: 'bought' | 'refunded';
  /** When it counts: when it was posted, or when the first day that could still take it began. */
  readonly at: Date;
  /** Of a refund: since when the membership was taken. */
  readonly takenAt: Date;
  readonly orderId: string;
  readonly planId: string;
  readonly level: number;
  readonly length: { lengthMs: number } | { months: number };
};

export type MemberEventKind = 'joined' | 'returned' | 'renewed' | 'upgraded' | 'lapsed' | 'endedByRefund';
export type MemberEvent = { kind: MemberEventKind; at: Date };

/**
 * What became of one member until `until`, from the money alone and by the rules that gave the membership. `facts` are the member's, in
 * the order in which they count. `endsAt` is the end of all that is paid for; undefined for somebody who never bought.
 */
export function walkMember(facts: readonly MemberFact[], until: Date): { events: MemberEvent[]; endsAt?: Date } {
  const events: MemberEvent[] = [];
  let periods: readonly Period[] = [];
  let isActive = false;
  let endsAt: Date | undefined;
  const lapseBy = (time: Date): void => {
    if (!isActive || endsAt === undefined || endsAt > time) return;
    events.push({ kind: 'lapsed', at: endsAt });
    isActive = false;
  };
  for (const fact of facts) {
    lapseBy(fact.at);
    if (fact.kind === 'bought') {
      const open = periods.filter((period) => period.endsAt > fact.at);
      events.push({ kind: nameOf(fact, open, isActive, endsAt !== undefined), at: fact.at });
      periods = bought(periods, fact);
    } else periods = without(periods, fact);
    endsAt = latestEnd(periods) ?? endsAt;
    const stillActive = endsAt !== undefined && endsAt > fact.at;
    if (isActive && !stillActive) events.push({ kind: 'endedByRefund', at: fact.at });
    isActive = stillActive;
  }
  // The end itself is the first instant without membership: it belongs to the day it begins.
  lapseBy(new Date(until.getTime() - 1));
  return endsAt === undefined ? { events } : { events, endsAt };
}

function nameOf(fact: MemberFact, open: readonly Period[], isActive: boolean, isKnown: boolean): MemberEventKind {
  if (!isActive) return isKnown ? 'returned' : 'joined';
  return open.every((period) => period.level < fact.level) ? 'upgraded' : 'renewed';
}

function bought(periods: readonly Period[], fact: MemberFact): Period[] {
  const { orderId, planId, level, length, at } = fact;
  const plan = { id: orderId, tailId: `${orderId}+`, planId, level, orderId, ...length };
  const open = periods.filter((period) => period.endsAt > at);
  const { added, changed } = addPeriod(numbered(open), plan, at);
  return replaced(numbered(open), [...changed, ...added]);
}

function without(periods: readonly Period[], fact: MemberFact): Period[] {
  const own = numbered(periods);
  const { changed, removed } = removeOrder(own, fact.orderId, fact.takenAt);
  const gone = new Set(removed.map(({ id }) => id));
  return replaced(
    own.filter(({ id }) => !gone.has(id)),
    changed,
  );
}

/** Ids of their own: a period cut twice would name two tails alike. */
function numbered(periods: readonly Period[]): Period[] {
  return periods.map((period, index) => ({ ...period, id: String(index) }));
}

function replaced(periods: readonly Period[], changes: readonly Period[]): Period[] {
  const byId = new Map(periods.map((period) => [period.id, period]));
  for (const period of changes) byId.set(period.id, period);
  return [...byId.values()];
}

function latestEnd(periods: readonly Period[]): Date | undefined {
  if (periods.length === 0) return undefined;
  return new Date(Math.max(...periods.map(({ endsAt }) => endsAt.getTime())));
}
