import { expect, it } from 'vitest';
import { nextSmsTry, refusalCalls, NOTICE_SMS_STATES, smsDeadline, smsStatesBefore } from './notice-sms.ts';

/** 09:00 in Asia/Shanghai. */
const NINE = new Date('2026-05-20T01:00:00.000Z');
const minutesLater = (minutes: number): Date => new Date(NINE.getTime() + minutes * 60_000);

it('never sends again what may have left', () => {
  const endings = NOTICE_SMS_STATES.filter((state) =>
    NOTICE_SMS_STATES.every((to) => !smsStatesBefore(to).includes(state)),
  );
  expect(endings).toEqual(['sent', 'unknown', 'skipped', 'refused']);
  expect(smsStatesBefore('sending')).toEqual(['wanted']);
});

it('tries later and later, an hour apart at most, and not after nine in the evening', () => {
  const pauses = [1, 2, 3, 4, 5, 50].map((tries) => nextSmsTry({ tries, noticedAt: NINE }, NINE));
  expect(pauses).toEqual([5, 10, 20, 40, 60, 60].map(minutesLater));
  expect(smsDeadline(NINE)).toEqual(minutesLater(12 * 60));
  expect(nextSmsTry({ tries: 9, noticedAt: NINE }, minutesLater(10 * 60))).toEqual(minutesLater(11 * 60));
  expect(nextSmsTry({ tries: 9, noticedAt: NINE }, minutesLater(11 * 60))).toBeUndefined();
  expect(nextSmsTry({ tries: 1, noticedAt: NINE }, minutesLater(24 * 60))).toBeUndefined();
});

it('waits as long as the vendor says', () => {
  expect(nextSmsTry({ tries: 1, noticedAt: NINE, waitSeconds: 3_600 }, NINE)).toEqual(minutesLater(60));
});

it.each([
  ['FailedOperation.PhoneNumberInBlacklist', 'never'],
  ['LimitExceeded.PhoneNumberDailyLimit', 'never'],
  ['InvalidParameterValue.IncorrectPhoneNumber', 'never'],
  ['FailedOperation.InsufficientBalanceInSmsPackage', 'at_once'],
  ['FailedOperation.TemplateIncorrectOrUnapproved', 'at_once'],
  ['FailedOperation.SignatureIncorrectOrUnapproved', 'at_once'],
  ['UnauthorizedOperation.SerivceSuspendDueToArrears', 'at_once'],
  ['LimitExceeded.AppDailyLimit', 'at_once'],
  ['AuthFailure.SignatureFailure', 'at_once'],
  ['InternalError.Timeout', 'when_given_up'],
  ['Http.ServerError', 'when_given_up'],
  ['NotConnected', 'when_given_up'],
])('%s calls somebody: %s', (why, when) => {
  expect(refusalCalls(why)).toBe(when);
});
