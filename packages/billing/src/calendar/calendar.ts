import { SHANGHAI_OFFSET_MS } from '@yunshang/db';

const DAY_MS = 86_400_000;

function inShanghai(time: Date): Date {
  return new Date(time.getTime() + SHANGHAI_OFFSET_MS);
}

function dayText(utc: Date): string {
  return utc.toISOString().slice(0, 10);
}

/** 0 to 23, of the day in Asia/Shanghai. */
export function shanghaiHour(time: Date): number {
  return inShanghai(time).getUTCHours();
}

/** When that day begins in Asia/Shanghai. */
export function dayStart(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) - SHANGHAI_OFFSET_MS);
}

/** The Monday of the ISO week in Asia/Shanghai, as YYYY-MM-DD: the name of a budget's week. */
export function weekOf(time: Date): string {
  const local = inShanghai(time);
  const sinceMonday = (local.getUTCDay() + 6) % 7;
  return dayText(new Date(local.getTime() - sinceMonday * DAY_MS));
}

/** When the week after `week` begins. */
export function weekEnd(week: string): Date {
  return new Date(dayStart(week).getTime() + 7 * DAY_MS);
}

/** 28 to 31: how many days the month of that day has. */
export function daysInMonth(day: string): number {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
