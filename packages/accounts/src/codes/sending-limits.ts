import { SHANGHAI_OFFSET_MS, shanghaiDay } from '@yunshang/db';
import type { SmsLimits } from '../account-settings.ts';

/** What is known of the messages to one phone. `day` is a date of Asia/Shanghai at UTC midnight. */
export type SendingRecord = { last_sent_at: Date; day: Date; day_count: number };
export type PhoneLimits = Pick<SmsLimits, 'cooldownSeconds' | 'perDay'>;
export type SendingVerdict =
  | { allowed: true; day: string; dayCount: number }
  | { allowed: false; retryAfterSeconds: number };

const DAY_MS = 86_400_000;

/** Whether a message may go to the phone now, and what its record becomes. */
export function judgeSending(record: SendingRecord | undefined, now: Date, limits: PhoneLimits): SendingVerdict {
  const day = shanghaiDay(now);
  const sentToday = record !== undefined && dayOf(record) === day ? record.day_count : 0;
  const waitSeconds = record === undefined ? 0 : secondsOfCooldown(record.last_sent_at, now, limits);
  if (sentToday >= limits.perDay)
    return { allowed: false, retryAfterSeconds: Math.max(waitSeconds, secondsOfDay(now)) };
  if (waitSeconds > 0) return { allowed: false, retryAfterSeconds: waitSeconds };
  return { allowed: true, day, dayCount: sentToday + 1 };
}

/** After the `dayCount`th message of the day: seconds until the next is allowed. */
export function secondsUntilNext(dayCount: number, now: Date, limits: PhoneLimits): number {
  return dayCount >= limits.perDay ? Math.max(limits.cooldownSeconds, secondsOfDay(now)) : limits.cooldownSeconds;
}

function dayOf(record: SendingRecord): string {
  return record.day.toISOString().slice(0, 10);
}

/** Never more than the cooldown, however far another node's clock ran ahead. */
function secondsOfCooldown(lastSentAt: Date, now: Date, { cooldownSeconds }: PhoneLimits): number {
  const waitMs = lastSentAt.getTime() + cooldownSeconds * 1_000 - now.getTime();
  return Math.min(Math.max(Math.ceil(waitMs / 1_000), 0), cooldownSeconds);
}

/** Seconds left of the day in Asia/Shanghai. */
function secondsOfDay(now: Date): number {
  return Math.ceil((DAY_MS - ((now.getTime() + SHANGHAI_OFFSET_MS) % DAY_MS)) / 1_000);
}
