import { describe, expect, it } from 'vitest';
import { addPeriod, DAY_MS, type Period } from './membership.ts';
import { addMonths } from './months.ts';

/** An instant by the clock of Asia/Shanghai. */
const shanghai = (text: string): Date => new Date(`${text}+08:00`);
const inShanghai = (time: Date): string => new Date(time.getTime() + 8 * 3_600_000).toISOString().slice(0, 16);

describe('a month of the calendar', () => {
  it.each([
    ['an ordinary day', '2026-03-15T10:20:30.456', 1, '2026-04-15T10:20'],
    ['the 31st into a month of 30 days: to the end of it', '2026-03-31T10:20', 1, '2026-05-01T00:00'],
    ['the 31st into February: to the end of the 28th', '2026-01-31T10:20', 1, '2026-03-01T00:00'],
    ['the 31st into February of a leap year: to the end of the 29th', '2028-01-31T10:20', 1, '2028-03-01T00:00'],
    ['the 29th into February of a leap year', '2028-01-29T10:20', 1, '2028-02-29T10:20'],
    ['the 29th into February of another year', '2027-01-29T10:20', 1, '2027-03-01T00:00'],
    ['a leap day by a year', '2028-02-29T10:20', 12, '2029-03-01T00:00'],
    ['a leap day by four years', '2028-02-29T10:20', 48, '2032-02-29T10:20'],
    ['2100, which is no leap year', '2100-01-31T10:20', 1, '2100-03-01T00:00'],
    ['two months of the 31st: the day comes back', '2026-01-31T10:20', 2, '2026-03-31T10:20'],
    ['over the end of a year', '2026-12-31T23:59', 1, '2027-01-31T23:59'],
    ['by years', '2026-11-11T00:00', 36, '2029-11-11T00:00'],
  ])('counts %s', (_name, from, months, expected) => {
    expect(inShanghai(addMonths(shanghai(from), months))).toBe(expected);
  });

  it('is that of Shanghai: there it is the first when London has the last of the month', () => {
    expect(addMonths(new Date('2026-01-31T16:30:00.000Z'), 1).toISOString()).toBe('2026-02-28T16:30:00.000Z');
    expect(addMonths(new Date('2026-01-31T15:30:00.000Z'), 1).toISOString()).toBe('2026-02-28T16:00:00.000Z');
  });

  it('keeps milliseconds, and never stands still or goes back', () => {
    expect(addMonths(new Date('2026-05-05T05:05:05.055Z'), 1).toISOString()).toBe('2026-06-05T05:05:05.055Z');
    for (let day = 0; day < 4 * 366; day += 1) {
      const anchor = new Date(shanghai('2027-01-01T12:00').getTime() + day * DAY_MS);
      const ends = Array.from({ length: 25 }, (_, months) => addMonths(anchor, months).getTime());
      expect(ends[0]).toBe(anchor.getTime());
      const lengths = ends.slice(1).map((end, index) => end - (ends[index] ?? 0));
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(28 * DAY_MS);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(31 * DAY_MS + DAY_MS);
    }
  });
});

/** Buys monthly and other plans one after the other; writes the schedule by the clock of Shanghai. */
function buy(purchases: readonly { at: string; level: number; months?: number; days?: number }[]): string[] {
  let periods: Period[] = [];
  for (const [index, { at, level, months, days = 0 }] of purchases.entries()) {
    const ids = { id: `p${index}`, tailId: `t${index}`, orderId: `o${index}`, planId: `L${level}`, level };
    const bought = { ...ids, ...(months === undefined ? { lengthMs: days * DAY_MS } : { months }) };
    const { added, changed } = addPeriod(periods, bought, shanghai(at));
    periods = [...new Map([...periods, ...changed, ...added].map((row) => [row.id, row])).values()];
  }
  return periods
    .toSorted((one, other) => one.startsAt.getTime() - other.startsAt.getTime())
    .map((row) => `${row.planId} ${inShanghai(row.startsAt)} ${inShanghai(row.endsAt)}`);
}

describe('a membership by the month', () => {
  it('comes back to its day after a short month when it is renewed early', () => {
    const purchase = { at: '2026-01-31T10:00', level: 1, months: 1 };
    expect(buy([purchase, { ...purchase, at: '2026-02-20T08:00' }, { ...purchase, at: '2026-02-21T08:00' }])).toEqual([
      'L1 2026-01-31T10:00 2026-03-01T00:00',
      'L1 2026-03-01T00:00 2026-03-31T10:00',
      'L1 2026-03-31T10:00 2026-05-01T00:00',
    ]);
  });

  it('has another day when it is bought again after a lapse', () => {
    expect(
      buy([
        { at: '2026-01-31T10:00', level: 1, months: 1 },
        { at: '2026-03-05T09:00', level: 1, months: 1 },
      ]).at(-1),
    ).toBe('L1 2026-03-05T09:00 2026-04-05T09:00');
  });

  it('is as long behind an upgrade as it was before, whatever the month', () => {
    expect(
      buy([
        { at: '2026-01-31T10:00', level: 1, months: 1 },
        { at: '2026-02-10T10:00', level: 2, months: 1 },
      ]),
    ).toEqual([
      'L1 2026-01-31T10:00 2026-02-10T10:00',
      'L2 2026-02-10T10:00 2026-03-10T10:00',
      // 18 days and 14 hours were left.
      'L1 2026-03-10T10:00 2026-03-29T00:00',
    ]);
  });

  it('counts its months from where it begins when what is before it has been moved, or is counted in days', () => {
    expect(
      buy([
        { at: '2026-01-31T10:00', level: 1, months: 1 },
        { at: '2026-02-10T10:00', level: 2, months: 1 },
        { at: '2026-02-11T10:00', level: 1, months: 1 },
      ]).at(-1),
    ).toBe('L1 2026-03-29T00:00 2026-04-29T00:00');
    expect(
      buy([
        { at: '2026-01-01T10:00', level: 1, days: 30 },
        { at: '2026-01-02T10:00', level: 1, months: 1 },
      ]).at(-1),
    ).toBe('L1 2026-01-31T10:00 2026-03-01T00:00');
  });

  it('mixes with days without losing a millisecond', () => {
    expect(
      buy([
        { at: '2026-01-31T10:00', level: 1, months: 1 },
        { at: '2026-02-01T10:00', level: 1, days: 30 },
        { at: '2026-02-02T10:00', level: 1, months: 2 },
      ]),
    ).toEqual([
      'L1 2026-01-31T10:00 2026-03-01T00:00',
      'L1 2026-03-01T00:00 2026-03-31T00:00',
      'L1 2026-03-31T00:00 2026-05-31T00:00',
    ]);
  });
});
