import { addMonths } from './months.ts';

/** A day of membership is 24 hours. */
export const DAY_MS = 24 * 60 * 60 * 1000;

/** A stretch of membership, from its first instant to just before `endsAt`. `orderId` paid for it. */
export type Period = {
  readonly id: string;
  readonly planId: string;
  readonly level: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly orderId: string;
  /** Of what is sold by the month: it ends so many months after that instant, unless it has been moved since. */
  readonly anchor: Anchor | null;
};
export type Anchor = { readonly at: Date; readonly months: number };

/** What was paid for, by time or by the calendar. `tailId` names the rest of a period this one cuts in two. */
export type BoughtPeriod = {
  id: string;
  tailId: string;
  planId: string;
  level: number;
  orderId: string;
} & ({ lengthMs: number } | { months: number });

/** Rows to write: `changed` are known by their ids; changing them latest first never makes two begin together. */
export type Rescheduled = { bought: Period; added: Period[]; changed: Period[] };

/**
 * Puts a bought period into the member's schedule. It follows everything of its own or a higher level: renewing queues
 * behind, a lower plan queues last, a higher one begins at once. What it goes before moves behind it, every millisecond kept, and a
 * period that is running is cut in two.
 */
export function addPeriod(periods: readonly Period[], plan: BoughtPeriod, now: Date): Rescheduled {
  const begin = Math.max(
    now.getTime(),
    ...periods.filter((period) => period.level >= plan.level).map((period) => period.endsAt.getTime()),
  );
  const bought = placed(periods, plan, new Date(begin));
  const lengthMs = bought.endsAt.getTime() - begin;
  const later = (time: Date): Date => new Date(time.getTime() + lengthMs);
  const moved = periods
    .filter((period) => period.startsAt.getTime() >= begin)
    .map((period) => ({ ...period, startsAt: later(period.startsAt), endsAt: later(period.endsAt) }));
  const cut = periods.find((period) => period.startsAt.getTime() < begin && period.endsAt.getTime() > begin);
  return {
    bought,
    added:
      cut === undefined
        ? [bought]
        : [bought, { ...cut, id: plan.tailId, startsAt: bought.endsAt, endsAt: later(cut.endsAt) }],
    changed: cut === undefined ? moved : [...moved, { ...cut, endsAt: bought.startsAt }],
  };
}

/** Rows to write: changing them earliest first never makes two begin together. `level` is that of the order's periods. */
export type Shortened = { changed: Period[]; removed: Period[]; removedMs: number; level: number | undefined };

/**
 * Takes what an order has still to come out of the member's schedule: a period that runs ends now, one that has not begun never
 * does, and what was queued behind moves up. What has passed stays.
 */
export function removeOrder(periods: readonly Period[], orderId: string, now: Date): Shortened {
  const sorted = periods.toSorted((one, other) => one.startsAt.getTime() - other.startsAt.getTime());
  const result: Shortened = { changed: [], removed: [], removedMs: 0, level: undefined };
  for (const period of sorted) {
    const from = Math.max(period.startsAt.getTime(), now.getTime());
    const leftMs = period.endsAt.getTime() - from;
    if (leftMs <= 0) continue;
    if (period.orderId === orderId) {
      const hasRun = period.startsAt.getTime() < now.getTime();
      if (hasRun) result.changed.push({ ...period, endsAt: now });
      else result.removed.push(period);
      result.removedMs += leftMs;
      result.level = period.level;
    } else if (result.removedMs > 0) {
      const earlier = (time: Date): Date => new Date(time.getTime() - result.removedMs);
      result.changed.push({ ...period, startsAt: earlier(period.startsAt), endsAt: earlier(period.endsAt) });
    }
  }
  return result;
}

function placed(periods: readonly Period[], plan: BoughtPeriod, startsAt: Date): Period {
  const { id, planId, level, orderId } = plan;
  const row = { id, planId, level, orderId, startsAt };
  if ('lengthMs' in plan) return { ...row, endsAt: new Date(startsAt.getTime() + plan.lengthMs), anchor: null };
  const before = periods.find((period) => period.endsAt.getTime() === startsAt.getTime() && isAnchored(period));
  const anchor = { at: before?.anchor?.at ?? startsAt, months: (before?.anchor?.months ?? 0) + plan.months };
  return { ...row, endsAt: addMonths(anchor.at, anchor.months), anchor };
}

/** Whether it still ends where its months end. */
function isAnchored({ anchor, endsAt }: Period): boolean {
  return anchor !== null && addMonths(anchor.at, anchor.months).getTime() === endsAt.getTime();
}
