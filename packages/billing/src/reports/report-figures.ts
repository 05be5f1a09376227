import type { Report } from '@yunshang/contracts';
import { type Period, partsOf, within } from './period.ts';
import { arpuDown, fenNearest, plus } from './rounding.ts';

/** What adds up; everything else in a report follows from it. */
export type Figures = Pick<Report, 'ledgers' | 'revenue' | 'plans' | 'quota' | 'corrections'> & {
  costItems: Omit<Report['costItems'][number], 'fen'>[];
  features: Omit<Report['features'][number], 'costFen'>[];
  members: Omit<Report['members'], 'served'>;
};

/** What costs us for taking members' money. */
const VENDOR_FEES = 'wechat_pay:fee';

/** The report of a period, from what adds up in it. `series`: its days or months. */
export function reportOf(period: Period, figures: Figures, series: Report['series'] = []): Report {
  const { members, revenue } = figures;
  const costItems = figures.costItems
    .toSorted(by('item'))
    .map((cost) => ({ ...cost, fen: fenNearest(cost.microYuan) }));
  const microYuan = sum(costItems.map((cost) => cost.microYuan));
  const fen = fenNearest(microYuan);
  const served = members.opening + members.joined + members.returned;
  const fees = costItems.filter(({ item }) => item === VENDOR_FEES);
  return {
    format: 1,
    kind: period.kind,
    period: period.period,
    timeZone: 'Asia/Shanghai',
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    ledgers: figures.ledgers,
    revenue,
    plans: figures.plans.toSorted(by('planId')),
    costs: {
      microYuan,
      fen,
      vendorFeesMicroYuan: sum(fees.map((cost) => cost.microYuan)),
      entries: sum(costItems.map(({ entries }) => entries)),
    },
    costItems,
    grossProfitFen: plus(revenue.netFen, -fen),
    quota: figures.quota,
    members: { ...members, served },
    arpuFen: arpuDown(revenue.netFen, served),
    features: figures.features
      .toSorted(by('featureId'))
      .map((feature) => ({ ...feature, costFen: fenNearest(feature.costMicroYuan) })),
    corrections: figures.corrections.toSorted(byCorrection),
    series,
  };
}

/**
 * The report of a month or year out of those of its days, the earliest first: sums of sums, the first opening, the last closing.
 * Corrections of a day of the same period are none of the period.
 */
export function foldDays(period: Period, days: readonly Report[], before?: Report): Report {
  const part = partsOf(period.kind);
  if (part === undefined) throw new Error('a day is not made of days');
  const figures = days.reduce<Figures>(
    added,
    emptyFigures(days[0] === undefined ? closingOf(before) : openingOf(days[0])),
  );
  const corrections = figures.corrections
    .map((line) => ({ ...line, of: within(period.kind, line.of) }))
    .filter((line) => line.of !== period.period);
  return reportOf(period, { ...figures, corrections: summed(corrections, correctionKey, addCorrections) }, [
    ...summed(
      days.map((day) => seriesOf(within(part, day.period), day)),
      (line) => line.period,
      addSeries,
    ),
  ]);
}

/** The quota and the members that were there. */
export type Balances = { quota: number; members: number };

function openingOf({ quota, members }: Report): Balances {
  return { quota: quota.opening, members: members.opening };
}

export function closingOf(report: Report | undefined): Balances {
  return { quota: report?.quota.closing ?? 0, members: report?.members.closing ?? 0 };
}

/** Nothing happens. */
export function emptyFigures({ quota, members }: Balances): Figures {
  const none = { rows: 0, upTo: 0 };
  return {
    ledgers: { quotaLogs: none, moneyEntries: none, costEntries: none },
    revenue: {
      paidFen: 0,
      payments: 0,
      refundedFen: 0,
      refunds: 0,
      netFen: 0,
      ordersPaid: 0,
      unwantedFen: 0,
      unwantedPayments: 0,
    },
    plans: [],
    costItems: [],
    quota: {
      opening: quota,
      granted: { purchase: 0, signup: 0, promotion: 0, compensation: 0 },
      restored: 0,
      refunded: 0,
      spent: 0,
      expired: 0,
      clawedBack: 0,
      closing: quota,
    },
    members: {
      opening: members,
      joined: 0,
      returned: 0,
      renewed: 0,
      upgraded: 0,
      lapsed: 0,
      endedByRefund: 0,
      closing: members,
    },
    features: [],
    corrections: [],
  };
}

function added(sums: Figures, day: Report): Figures {
  return {
    ledgers: {
      quotaLogs: addLedger(sums.ledgers.quotaLogs, day.ledgers.quotaLogs),
      moneyEntries: addLedger(sums.ledgers.moneyEntries, day.ledgers.moneyEntries),
      costEntries: addLedger(sums.ledgers.costEntries, day.ledgers.costEntries),
    },
    revenue: addNumbers(sums.revenue, day.revenue),
    plans: summed([...sums.plans, ...day.plans], ({ planId }) => planId, addNumbers),
    costItems: summed(
      [...sums.costItems, ...day.costItems.map(({ fen: _fen, ...cost }) => cost)],
      ({ item }) => item,
      addNumbers,
    ),
    quota: {
      ...addNumbers(sums.quota, day.quota),
      granted: addNumbers(sums.quota.granted, day.quota.granted),
      opening: sums.quota.opening,
      closing: day.quota.closing,
    },
    members: { ...addNumbers(sums.members, day.members), opening: sums.members.opening, closing: day.members.closing },
    features: summed(
      [...sums.features, ...day.features.map(({ costFen: _fen, ...feature }) => feature)],
      ({ featureId }) => featureId,
      addNumbers,
    ),
    corrections: [...sums.corrections, ...day.corrections],
  };
}

function addLedger(one: { rows: number; upTo: number }, other: { rows: number; upTo: number }) {
  return { rows: plus(one.rows, other.rows), upTo: Math.max(one.upTo, other.upTo) };
}

/** Adds the numbers of two alike; whatever is no number stays as in the first. */
export function addNumbers<T extends object>(one: T, other: { [Key in keyof T]: T[Key] }): T {
  const result = { ...one };
  for (const key of keysOf(one)) {
    const [mine, theirs]: unknown[] = [one[key], other[key]];
    if (typeof mine === 'number' && typeof theirs === 'number') Object.assign(result, { [key]: plus(mine, theirs) });
  }
  return result;
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value).filter((key): key is Extract<keyof T, string> => key in value);
}

/** One line for each key, in the order of their first. */
export function summed<T extends object>(
  lines: readonly T[],
  key: (line: T) => string,
  add: (one: T, other: T) => T,
): T[] {
  const byKey = new Map<string, T>();
  for (const line of lines) {
    const known = byKey.get(key(line));
    byKey.set(key(line), known === undefined ? line : add(known, line));
  }
  return [...byKey.values()];
}

function seriesOf(period: string, { revenue, costs, quota }: Report): Report['series'][number] {
  const { paidFen, refundedFen, netFen } = revenue;
  return { period, paidFen, refundedFen, netFen, costMicroYuan: costs.microYuan, spentQuota: quota.spent };
}

const addSeries: (one: Report['series'][number], other: Report['series'][number]) => Report['series'][number] =
  addNumbers;

type Correction = Report['corrections'][number];

export function correctionKey({ of, ledger, kind, late }: Correction): string {
  return [of, ledger, kind, late ? '1' : '0'].join(' ');
}

export function addCorrections(one: Correction, other: Correction): Correction {
  return { ...one, rows: plus(one.rows, other.rows), amount: plus(one.amount, other.amount) };
}

function byCorrection(one: Correction, other: Correction): number {
  return correctionKey(one) < correctionKey(other) ? -1 : 1;
}

function by<Key extends string>(key: Key) {
  return (one: Record<Key, string>, other: Record<Key, string>): number => (one[key] < other[key] ? -1 : 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce(plus, 0);
}
