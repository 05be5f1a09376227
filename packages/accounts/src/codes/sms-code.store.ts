import type { Db, Tx } from '@yunshang/db';
import type { SendingRecord } from './sending-limits.ts';
import type { StoredCode } from './sms-code.ts';

/** Long before any message: the record of a phone that never had one. */
const NEVER = new Date(0);

export async function findSendingRecord(db: Db, phoneIndex: Buffer): Promise<SendingRecord | undefined> {
  return db
    .selectFrom('sms_limits')
    .select(['last_sent_at', 'day', 'day_count'])
    .where('phone_index', '=', phoneIndex)
    .executeTakeFirst();
}

/** Everything about one phone's codes happens under this lock, so sending limits and guesses are exact. */
export async function lockSendingRecord(tx: Tx, phoneIndex: Buffer): Promise<SendingRecord | undefined> {
  return tx
    .selectFrom('sms_limits')
    .select(['last_sent_at', 'day', 'day_count'])
    .where('phone_index', '=', phoneIndex)
    .forUpdate()
    .executeTakeFirst();
}

/** Makes the phone's row if there is none, and locks it either way. */
export async function lockNewSendingRecord(tx: Tx, phoneIndex: Buffer): Promise<SendingRecord | undefined> {
  await tx
    .insertInto('sms_limits')
    .values({ phone_index: phoneIndex, last_sent_at: NEVER, day: '1970-01-01', day_count: 0 })
    .onDuplicateKeyUpdate((update) => ({ day_count: update.ref('sms_limits.day_count') }))
    .execute();
  return lockSendingRecord(tx, phoneIndex);
}

export async function saveSendingRecord(
  tx: Tx,
  phoneIndex: Buffer,
  record: { day: string; dayCount: number; now: Date },
): Promise<void> {
  await tx
    .updateTable('sms_limits')
    .set({ last_sent_at: record.now, day: record.day, day_count: record.dayCount })
    .where('phone_index', '=', phoneIndex)
    .execute();
}

/** The intent to send: written, with the older codes of the phone put out of use, before the vendor is called. */
export async function insertCode(
  tx: Tx,
  code: { id: string; phoneIndex: Buffer; hash: Buffer; now: Date; expiresAt: Date },
): Promise<void> {
  await tx
    .updateTable('sms_codes')
    .set({ status: 'replaced' })
    .where('phone_index', '=', code.phoneIndex)
    .where('status', 'in', ['sending', 'sent'])
    .execute();
  await tx
    .insertInto('sms_codes')
    .values({
      id: code.id,
      phone_index: code.phoneIndex,
      code_hash: code.hash,
      status: 'sending',
      created_at: code.now,
      expires_at: code.expiresAt,
      used_at: null,
    })
    .execute();
}

/** The outcome of sending. A code that was used or replaced meanwhile stays so. */
export async function markSending(db: Db, id: string, outcome: 'sent' | 'failed'): Promise<void> {
  await db
    .updateTable('sms_codes')
    .set({ status: outcome })
    .where('id', '=', id)
    .where('status', '=', 'sending')
    .execute();
}

/** The phone's one usable code; also while its message is on the way, which can arrive before the vendor's answer. */
export async function findUsableCode(tx: Tx, phoneIndex: Buffer): Promise<StoredCode | undefined> {
  return tx
    .selectFrom('sms_codes')
    .select(['id', 'code_hash', 'tries', 'expires_at'])
    .where('phone_index', '=', phoneIndex)
    .where('status', 'in', ['sending', 'sent'])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export async function markUsed(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.updateTable('sms_codes').set({ status: 'used', used_at: now }).where('id', '=', id).execute();
}

export async function countWrongGuess(tx: Tx, id: string, guess: { tries: number; spent: boolean }): Promise<void> {
  await tx
    .updateTable('sms_codes')
    .set({ tries: guess.tries, ...(guess.spent ? { status: 'spent' as const } : {}) })
    .where('id', '=', id)
    .execute();
}

/**
 * Deletes up to `limit` codes made before `before`, with the sending records of their phones when those are as old.
 * Returns how many codes went.
 */
export async function deleteOldCodes(tx: Tx, before: Date, limit: number): Promise<number> {
  const old = await tx
    .selectFrom('sms_codes')
    .select(['id', 'phone_index'])
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .execute();
  if (old.length === 0) return 0;
  await tx
    .deleteFrom('sms_limits')
    .where(
      'phone_index',
      'in',
      old.map((code) => code.phone_index),
    )
    .where('last_sent_at', '<', before)
    .execute();
  await tx
    .deleteFrom('sms_codes')
    .where(
      'id',
      'in',
      old.map((code) => code.id),
    )
    .execute();
  return old.length;
}
