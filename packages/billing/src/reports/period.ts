import { inputInvalid, type ReportKind } from '@yunshang/contracts';
import { dayStart, daysInMonth } from '../calendar/calendar.ts';

const DAY_MS = 86_400_000;

/** Days of Asia/Shanghai, both included; `from` and `to` are their first instant and the first after them. */
export type Period = {
  readonly kind: ReportKind;
  readonly period: string;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly from: Date;
  readonly to: Date;
};

const LENGTHS = { day: 10, month: 7, year: 4 } as const satisfies Record<ReportKind, number>;

/** INPUT_INVALID for what is not such a period of the calendar. */
export function periodOf(kind: ReportKind, period: string): Period {
  if (period.length !== LENGTHS[kind]) throw notAPeriod(kind);
  const firstDay = kind === 'day' ? period : kind === 'month' ? `${period}-01` : `${period}-01-01`;
  const start = dayStart(firstDay);
  // 30 February would be a day of March.
  if (Number.isNaN(start.getTime()) || nextDay(previousDay(firstDay)) !== firstDay) throw notAPeriod(kind);
  const lastDay =
    kind === 'day'
      ? period
      : kind === 'month'
        ? `${period}-${String(daysInMonth(firstDay)).padStart(2, '0')}`
        : `${period}-12-31`;
  return { kind, period, firstDay, lastDay, from: start, to: dayStart(nextDay(lastDay)) };
}

function notAPeriod(kind: ReportKind) {
  const form = { day: 'YYYY-MM-DD', month: 'YYYY-MM', year: 'YYYY' }[kind];
  return inputInvalid('period', 'period', { zh: `须为日历中的 ${form}`, en: `must be ${form} of the calendar` });
}

export function nextDay(day: string): string {
  return shifted(day, 1);
}

export function previousDay(day: string): string {
  return shifted(day, -1);
}

function shifted(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Every day from one to another, both included. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = nextDay(day)) days.push(day);
  return days;
}

/** The period of a kind that a day, or a month, is in. */
export function within(kind: ReportKind, period: string): string {
  return period.slice(0, LENGTHS[kind]);
}

/** What a longer report lists one by one. */
export function partsOf(kind: ReportKind): ReportKind | undefined {
  return kind === 'year' ? 'month' : kind === 'month' ? 'day' : undefined;
}
