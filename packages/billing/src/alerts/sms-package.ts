import { raiseAlert, shanghaiDay, type Clock, type Db } from '@yunshang/db';

export type SmsPackageDeps = {
  db: Db;
  clock: Clock;
  /** Messages left in the packages in force; rejects when the vendor can not be read. */
  left: (now: Date) => Promise<number>;
  /** Somebody is told below this. */
  lowMessages: number;
};

/** Tells a person on call that few text messages are left, once a day. Returns whether it is news. */
export async function watchSmsPackage({ db, clock, left, lowMessages }: SmsPackageDeps): Promise<boolean> {
  const now = clock.now();
  const messages = await left(now);
  if (messages >= lowMessages) return false;
  const about = { subject: 'tencent_sms', period: shanghaiDay(now) };
  return raiseAlert(db, { kind: 'vendor_account_low', ...about, details: { account: 'tencent_sms', messages } }, now);
}
