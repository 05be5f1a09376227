import type { Role } from '@yunshang/contracts';
import { newId, type Db, type Tx } from '@yunshang/db';
import type { SessionState } from './session.ts';

export type EndReason = 'signed_out' | 'reuse_detected' | 'ended_by_user' | 'role_changed' | 'expired';
export type LockedSession = SessionState & { id: string; user_id: string };
/** A session that is not ended, with its person as they are now. */
export type LiveSession = { userId: string; role: Role; expiresAtMs: number };

const LISTED = 100;

export async function insertSession(
  tx: Tx,
  session: { userId: string; userAgent: string; now: Date; expiresAt: Date },
): Promise<string> {
  const id = newId();
  await tx
    .insertInto('sessions')
    .values({
      id,
      user_id: session.userId,
      generation: 1,
      user_agent: session.userAgent,
      created_at: session.now,
      rotated_at: session.now,
      expires_at: session.expiresAt,
      ended_at: null,
      end_reason: null,
    })
    .execute();
  return id;
}

export async function lockSession(tx: Tx, id: string): Promise<LockedSession | undefined> {
  return tx
    .selectFrom('sessions')
    .select(['id', 'user_id', 'generation', 'rotated_at', 'expires_at', 'ended_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function saveRotation(
  tx: Tx,
  id: string,
  next: { generation: number; now: Date; expiresAt: Date },
): Promise<void> {
  await tx
    .updateTable('sessions')
    .set({ generation: next.generation, rotated_at: next.now, expires_at: next.expiresAt })
    .where('id', '=', id)
    .execute();
}

/** Ends a session that has not ended; false when there is none such (of this user, when one is given). */
export async function saveEnd(
  tx: Tx,
  end: { sessionId: string; userId?: string; reason: EndReason; now: Date },
): Promise<boolean> {
  let update = tx
    .updateTable('sessions')
    .set({ ended_at: end.now, end_reason: end.reason })
    .where('id', '=', end.sessionId)
    .where('ended_at', 'is', null);
  if (end.userId !== undefined) update = update.where('user_id', '=', end.userId);
  const { numUpdatedRows } = await update.executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Ends all of a user's sessions; how many. */
export async function saveEndOfAll(tx: Tx, end: { userId: string; reason: EndReason; now: Date }): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('sessions')
    .set({ ended_at: end.now, end_reason: end.reason })
    .where('user_id', '=', end.userId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

export async function findLiveSession(db: Db, id: string): Promise<LiveSession | undefined> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.user_id', 'sessions.expires_at', 'users.role'])
    .where('sessions.id', '=', id)
    .where('sessions.ended_at', 'is', null)
    .where('users.deleted_at', 'is', null)
    .executeTakeFirst();
  return row && { userId: row.user_id, role: row.role, expiresAtMs: row.expires_at.getTime() };
}

/** A user's live sessions, last used first. */
export async function listLiveSessions(
  db: Db,
  userId: string,
  now: Date,
): Promise<{ id: string; user_agent: string; created_at: Date; rotated_at: Date }[]> {
  return db
    .selectFrom('sessions')
    .select(['id', 'user_agent', 'created_at', 'rotated_at'])
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('rotated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(LISTED)
    .execute();
}

/** Up to `limit` sessions that ran out but were never ended, locked. */
export async function lockExpiredSessions(
  tx: Tx,
  now: Date,
  limit: number,
): Promise<{ id: string; user_id: string }[]> {
  return tx
    .selectFrom('sessions')
    .select(['id', 'user_id'])
    .where('expires_at', '<=', now)
    .where('ended_at', 'is', null)
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .execute();
}

/** Deletes up to `limit` ended sessions that ran out before `before`; how many. */
export async function deleteOldSessions(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('sessions')
    .where('expires_at', '<', before)
    .where('ended_at', 'is not', null)
    .limit(limit)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
