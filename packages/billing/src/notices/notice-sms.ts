import { shanghaiDay } from '@yunshang/db';
import { dayStart } from '../calendar/calendar.ts';

/** `unknown`: it left, or may have, and nobody said what became of it. `skipped`: it was not to be sent any more. */
export const NOTICE_SMS_STATES = ['wanted', 'sending', 'sent', 'unknown', 'skipped', 'refused'] as const;
export type NoticeSms = (typeof NOTICE_SMS_STATES)[number];

/** Every move of a text. What may have left is never sent again, so nothing leads from `unknown` back. */
export const NOTICE_SMS_MOVES = {
  wanted: ['sending', 'skipped', 'refused'],
  sending: ['sent', 'unknown', 'wanted', 'skipped', 'refused'],
  sent: [],
  unknown: [],
  skipped: [],
  refused: [],
} as const satisfies Record<NoticeSms, readonly NoticeSms[]>;

/** The states from which a text can move to `to`. */
export function smsStatesBefore(to: NoticeSms): NoticeSms[] {
  return NOTICE_SMS_STATES.filter((from) => NOTICE_SMS_MOVES[from].some((next) => next === to));
}

/** Nobody is texted from this hour of the day in Asia/Shanghai on: what has not left by then is given up. */
const UNTIL_HOUR = 21;
const HOUR_MS = 3_600_000;
const FIRST_PAUSE_MS = 300_000;
/** A call that began longer ago has ended, one way or the other: eight times what the vendor is waited for. */
const IN_FLIGHT_MS = 120_000;

/** From then on a text of that notice is not sent. */
export function smsDeadline(noticedAt: Date): Date {
  return new Date(dayStart(shanghaiDay(noticedAt)).getTime() + UNTIL_HOUR * HOUR_MS);
}

/** When a text the vendor refused `tries` times is tried again: after 5, 10, 20 minutes … an hour; undefined when that is too late. */
export function nextSmsTry(
  { tries, noticedAt, waitSeconds = 0 }: { tries: number; noticedAt: Date; waitSeconds?: number | undefined },
  now: Date,
): Date | undefined {
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, tries - 1), HOUR_MS);
  const at = new Date(now.getTime() + Math.max(pauseMs, waitSeconds * 1_000));
  return at < smsDeadline(noticedAt) ? at : undefined;
}

/** Until when somebody who claimed a text at `claimedAt` may still be at it. */
export function smsClaimEnds(claimedAt: Date): Date {
  return new Date(claimedAt.getTime() + IN_FLIGHT_MS);
}

/** Words of Tencent about the number alone: its owner unsubscribed, or had many messages. */
const ABOUT_NUMBER = /PhoneNumber/;
/** Words about our account, signature or template: no text goes out until a person has seen to it. */
const ABOUT_ACCOUNT =
  /^AuthFailure|^UnauthorizedOperation|InsufficientBalance|IncorrectOrUnapproved|NotMatchApproved|SdkAppId|AppDailyLimit/;

/** Whether somebody on call is told that a text was refused: at once, at the end of the day, or never. */
export function refusalCalls(why: string): 'at_once' | 'when_given_up' | 'never' {
  if (ABOUT_NUMBER.test(why)) return 'never';
  return ABOUT_ACCOUNT.test(why) ? 'at_once' : 'when_given_up';
}
