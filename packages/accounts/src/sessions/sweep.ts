import { inTransaction, recordAudit, type Clock, type Database, type Tx } from '@yunshang/db';
import { deleteOldCodes } from '../codes/sms-code.store.ts';
import { deleteOldSessions, lockExpiredSessions, saveEnd } from './session.store.ts';

const DAY_MS = 86_400_000;
/** Codes live for minutes; their traces are needed for no longer than the daily limit looks back. */
const CODES_KEPT_MS = 2 * DAY_MS;
/**
 * After the session would have run out. Few rows lie before "now" in the index of expiry, so looking there for sessions
 * to end stays cheap; the audit log keeps their story.
 */
const SESSIONS_KEPT_MS = DAY_MS;
/** Small transactions, so that nobody waits for a sweep. */
const BATCH = 200;

/** Ends sessions that ran out, and deletes what is too old to matter. Several may run at once. */
export async function sweepAccounts({ database, clock }: { database: Database; clock: Clock }): Promise<void> {
  const now = clock.now();
  const before = (ageMs: number): Date => new Date(now.getTime() - ageMs);
  const inBatches = async (work: (tx: Tx) => Promise<number>): Promise<void> => {
    while ((await inTransaction(database.db, work)) === BATCH);
  };
  await inBatches((tx) => endExpired(tx, now));
  await inBatches((tx) => deleteOldSessions(tx, before(SESSIONS_KEPT_MS), BATCH));
  await inBatches((tx) => deleteOldCodes(tx, before(CODES_KEPT_MS), BATCH));
}

async function endExpired(tx: Tx, now: Date): Promise<number> {
  const expired = await lockExpiredSessions(tx, now, BATCH);
  for (const { id, user_id: userId } of expired) {
    await saveEnd(tx, { sessionId: id, reason: 'expired', now });
    await recordAudit(
      tx,
      { id: null, role: 'system', requestId: 'sweep' },
      {
        action: 'session.ended',
        subjectType: 'user',
        subjectId: userId,
        details: { sessionId: id, reason: 'expired' },
        now,
      },
    );
  }
  return expired.length;
}
