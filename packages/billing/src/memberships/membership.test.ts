import { expect, it } from 'vitest';
import { addPeriod, DAY_MS, removeOrder, type Period } from './membership.ts';

const now = new Date('2026-01-31T15:30:00.123Z');
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000);
const LEVELS = { BASIC: 1, PRO: 2, PREMIUM: 3 } as const;
type PlanId = keyof typeof LEVELS;

const period = (id: string, plan: PlanId, from: number, to: number): Period => ({
  id,
  planId: plan,
  level: LEVELS[plan],
  startsAt: inDays(from),
  endsAt: inDays(to),
  orderId: `order of ${id}`,
  anchor: null,
});

/** Buys 30 days of a plan and writes the schedule as `PLAN from..to` in days from now. */
function schedule(periods: readonly Period[], plan: PlanId): string[] {
  const bought = {
    id: 'new',
    tailId: 'tail',
    planId: plan,
    level: LEVELS[plan],
    lengthMs: 30 * DAY_MS,
    orderId: 'order',
  };
  const { added, changed } = addPeriod(periods, bought, now);
  const day = (time: Date): number => (time.getTime() - now.getTime()) / 86_400_000;
  const rows = new Map([...periods, ...changed, ...added].map((row) => [row.id, row]));
  return [...rows.values()]
    .toSorted((one, other) => one.startsAt.getTime() - other.startsAt.getTime())
    .map((row) => `${row.planId} ${day(row.startsAt)}..${day(row.endsAt)}`);
}

it.each<[string, Period[], PlanId, string[]]>([
  ['begins at once without a membership', [], 'BASIC', ['BASIC 0..30']],
  [
    'begins at once after a membership has ended',
    [period('a', 'PRO', -60, -30)],
    'BASIC',
    ['PRO -60..-30', 'BASIC 0..30'],
  ],
  ['queues a renewal', [period('a', 'BASIC', -20, 10)], 'BASIC', ['BASIC -20..10', 'BASIC 10..40']],
  [
    'queues a second renewal behind the first',
    [period('a', 'BASIC', -20, 10), period('b', 'BASIC', 10, 40)],
    'BASIC',
    ['BASIC -20..10', 'BASIC 10..40', 'BASIC 40..70'],
  ],
  ['queues a lower plan last', [period('a', 'PRO', -20, 10)], 'BASIC', ['PRO -20..10', 'BASIC 10..40']],
  [
    'begins a higher plan at once and lets the rest of the lower one follow',
    [period('a', 'BASIC', -20, 10)],
    'PRO',
    ['BASIC -20..0', 'PRO 0..30', 'BASIC 30..40'],
  ],
  [
    'moves all that was queued behind an upgrade',
    [period('a', 'BASIC', -20, 10), period('b', 'BASIC', 10, 40)],
    'PREMIUM',
    ['BASIC -20..0', 'PREMIUM 0..30', 'BASIC 30..40', 'BASIC 40..70'],
  ],
  [
    'upgrades twice',
    [period('a', 'PRO', -1, 29), period('b', 'BASIC', 29, 39)],
    'PREMIUM',
    ['PRO -1..0', 'PREMIUM 0..30', 'PRO 30..59', 'BASIC 59..69'],
  ],
  [
    'renews before what is queued on a lower level',
    [period('a', 'PRO', -20, 10), period('b', 'BASIC', 10, 20)],
    'PRO',
    ['PRO -20..10', 'PRO 10..40', 'BASIC 40..50'],
  ],
  [
    'moves a period whole that begins at this very instant',
    [period('a', 'BASIC', 0, 30)],
    'PRO',
    ['PRO 0..30', 'BASIC 30..60'],
  ],
  [
    'counts a period that ends at this very instant as ended',
    [period('a', 'PRO', -30, 0)],
    'BASIC',
    ['PRO -30..0', 'BASIC 0..30'],
  ],
])('%s', (_name, periods, plan, expected) => {
  expect(schedule(periods, plan)).toEqual(expected);
});

it('counts 30 days as 30 times 24 hours over the end of a month', () => {
  const { bought } = addPeriod(
    [],
    { id: 'n', tailId: 't', planId: 'BASIC', level: 1, lengthMs: 30 * DAY_MS, orderId: 'o' },
    now,
  );
  expect(bought.endsAt.toISOString()).toBe('2026-03-02T15:30:00.123Z');
});

it('keeps every paid day whatever the order of purchases', () => {
  let periods: Period[] = [];
  const plans = ['BASIC', 'PREMIUM', 'PRO', 'BASIC', 'PRO', 'PREMIUM', 'PREMIUM', 'BASIC', 'PRO'] as const;
  for (const [index, plan] of plans.entries()) {
    const at = inDays(index * 1.7);
    const ids = { id: `p${index}`, tailId: `t${index}`, orderId: `o${index}` };
    const { added, changed } = addPeriod(
      periods,
      { ...ids, planId: plan, level: LEVELS[plan], lengthMs: 30 * DAY_MS },
      at,
    );
    periods = [...new Map([...periods, ...changed, ...added].map((row) => [row.id, row])).values()];
  }
  const sorted = periods.toSorted((one, other) => one.startsAt.getTime() - other.startsAt.getTime());
  const days = sorted.reduce((sum, row) => sum + (row.endsAt.getTime() - row.startsAt.getTime()) / 86_400_000, 0);
  expect(days).toBe(plans.length * 30);
  expect(sorted.slice(1).map((row) => row.startsAt)).toEqual(sorted.slice(0, -1).map((row) => row.endsAt));
});

/** What is left when an order is taken out, as `PLAN from..to` in days from now, and the days that went. */
function without(periods: readonly Period[], orderId: string): string[] {
  const { changed, removed, removedMs } = removeOrder(periods, orderId, now);
  const gone = new Set(removed.map(({ id }) => id));
  const rows = new Map([...periods, ...changed].map((row) => [row.id, row]));
  const day = (time: Date): number => (time.getTime() - now.getTime()) / 86_400_000;
  const left = [...rows.values()]
    .filter(({ id }) => !gone.has(id))
    .toSorted((one, other) => one.startsAt.getTime() - other.startsAt.getTime())
    .map((row) => `${row.planId} ${day(row.startsAt)}..${day(row.endsAt)}`);
  return [...left, `${removedMs / 86_400_000} days gone`];
}

it.each<[string, Period[], string, string[]]>([
  ['ends a running period now', [period('a', 'BASIC', -10, 20)], 'a', ['BASIC -10..0', '20 days gone']],
  ['takes out one that has not begun', [period('a', 'BASIC', 5, 35)], 'a', ['30 days gone']],
  ['takes out one that begins at this instant', [period('a', 'BASIC', 0, 30)], 'a', ['30 days gone']],
  [
    'lets what is queued behind move up',
    [period('a', 'PRO', -10, 20), period('b', 'BASIC', 20, 50)],
    'a',
    ['PRO -10..0', 'BASIC 0..30', '20 days gone'],
  ],
  [
    'leaves what runs before as it is',
    [period('a', 'PRO', -10, 20), period('b', 'BASIC', 20, 50), period('c', 'BASIC', 50, 80)],
    'b',
    ['PRO -10..20', 'BASIC 20..50', '30 days gone'],
  ],
  ['leaves what has passed', [period('a', 'BASIC', -40, -10)], 'a', ['BASIC -40..-10', '0 days gone']],
  ['does nothing for an order that bought none', [period('a', 'BASIC', -1, 29)], 'z', ['BASIC -1..29', '0 days gone']],
])('refunding %s', (_name, periods, id, expected) => {
  expect(without(periods, `order of ${id}`)).toEqual(expected);
});

it('takes out both halves of a period that an upgrade has cut in two', () => {
  const halves = [
    { ...period('a', 'BASIC', -5, -1), orderId: 'order of a' },
    { ...period('x', 'PRO', -1, 29), orderId: 'order of x' },
    { ...period('b', 'BASIC', 29, 55), orderId: 'order of a' },
  ];
  expect(without(halves, 'order of a')).toEqual(['BASIC -5..-1', 'PRO -1..29', '26 days gone']);
  expect(without(halves, 'order of x')).toEqual(['BASIC -5..-1', 'PRO -1..0', 'BASIC 0..26', '29 days gone']);
});
