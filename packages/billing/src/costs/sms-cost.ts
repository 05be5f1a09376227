import type { Db, Tx } from '@yunshang/db';
import { bookUnits, settleUnits } from './book-units.ts';

/** Our texts have fewer than 70 characters: the vendor charges one segment. */
const SEGMENTS = 1;

function subjectOf(messageId: string): string {
  return `sms:${messageId}`;
}

/** Books a text message in the transaction that records the intent to send it. */
export function bookSms(tx: Tx, messageId: string, now: Date): Promise<void> {
  const what = { item: 'sms:segment', vendor: 'tencent_sms', units: SEGMENTS };
  return bookUnits(tx, { ...what, subject: subjectOf(messageId), now });
}

/**
 * The vendor charges that many segments for the message, none when it refused it: settled once, at the price of the estimate. False where
 * it was settled before or never booked.
 */
export function settleSms(
  db: Db,
  { messageId, segments, now }: { messageId: string; segments: number; now: Date },
): Promise<boolean> {
  return settleUnits(db, { subject: subjectOf(messageId), units: segments, now });
}
