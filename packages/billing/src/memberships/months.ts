import { SHANGHAI_OFFSET_MS } from '@yunshang/db';

const DAY_MS = 24 * 3_600_000;

/**
 * So many months after an instant by the calendar of Asia/Shanghai: the same day of the month at the same time of day. A month that has no
 * such day is paid for to the end of its last one. Always reckon from the first instant, or the day is lost in a short month.
 */
export function addMonths(anchor: Date, months: number): Date {
  const local = new Date(anchor.getTime() + SHANGHAI_OFFSET_MS);
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth() + months, local.getUTCDate()];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const localMs =
    day > lastDay ? Date.UTC(year, month + 1, 1) : Date.UTC(year, month, day) + (local.getTime() % DAY_MS);
  return new Date(localMs - SHANGHAI_OFFSET_MS);
}
