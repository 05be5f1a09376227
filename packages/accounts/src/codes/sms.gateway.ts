/**
 * `segments`: how many messages the vendor charges for; undefined when it did not say. `unknown`: no answer came, so the message may
 * or may not arrive. That is no failure.
 */
export type SmsOutcome = { kind: 'sent'; segments: number | undefined } | { kind: 'unknown' };

export type SmsGateway = {
  /**
   * Sends a sign-in code that is valid for `minutes` to a phone in E.164.
   * Throws SMS_UNAVAILABLE or SMS_TOO_FREQUENT when the vendor refused; then no message comes.
   */
  sendCode(phone: string, code: string, minutes: number): Promise<SmsOutcome>;
};
