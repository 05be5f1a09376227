/** `unknown`: no answer came, so the message may or may not arrive. That is no failure. */
export type SmsOutcome = 'sent' | 'unknown';

export type SmsGateway = {
  /**
   * Sends a sign-in code that is valid for `minutes` to a phone in E.164.
   * Throws SMS_UNAVAILABLE or SMS_TOO_FREQUENT when the vendor refused; then no message comes.
   */
  sendCode(phone: string, code: string, minutes: number): Promise<SmsOutcome>;
};
