import type { Db, Tx } from '@yunshang/db';
import { smsStatesBefore, type NoticeSms } from './notice-sms.ts';

export type SmsNotice = {
  id: string;
  userId: string;
  sms: NoticeSms | null;
  tries: number;
  error: string | null;
  /** When it moved the last time. */
  movedAt: Date | null;
  noticedAt: Date;
};

export async function findSmsNotice(db: Db, id: string): Promise<SmsNotice | undefined> {
  const row = await db
    .selectFrom('notices')
    .select(['id', 'user_id', 'sms', 'sms_tries', 'sms_error', 'sms_at', 'created_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { user_id: userId, sms, sms_tries: tries, sms_error: error, sms_at: movedAt, created_at: noticedAt } = row;
  return { id: row.id, userId, sms, tries, error, movedAt, noticedAt };
}

/** What a move writes beside the state. */
export type SmsMove = { to: NoticeSms; tries: number; error: string | null; now: Date };

/** False when it is in no state from which it can move there, or another try has begun meanwhile. */
export async function moveSms(tx: Tx, { id, tries }: { id: string; tries: number }, move: SmsMove): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('notices')
    .set({ sms: move.to, sms_tries: move.tries, sms_error: move.error, sms_at: move.now })
    .where('id', '=', id)
    .where('sms_tries', '=', tries)
    .where('sms', 'in', smsStatesBefore(move.to))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whether the member wants to be texted, and what is left; the member is locked. */
export async function findReader(
  tx: Tx,
  userId: string,
): Promise<{ agreed: boolean; isDeleted: boolean; available: number }> {
  const row = await tx
    .selectFrom('users')
    .select(['low_quota_sms_at', 'deleted_at', 'quota_remaining'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return { agreed: row.low_quota_sms_at !== null, isDeleted: row.deleted_at !== null, available: row.quota_remaining };
}
