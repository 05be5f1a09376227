import { AppError, type Role } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Actor, type Clock, type Database, type Tx } from '@yunshang/db';
import type { SessionChannel } from '../sessions/session-channel.ts';
import { saveEndOfAll } from '../sessions/session.store.ts';
import { lockUserRow, saveRole, type User } from './user.store.ts';

export type SetRoleDeps = { database: Database; clock: Clock; channel: SessionChannel };

/**
 * Gives a user a role and ends all their sessions: a new role begins with a new proof of the phone. Giving the role they
 * have changes nothing. Throws USER_NOT_FOUND. Whether the actor may is the caller's to check (`users.roles`).
 */
export async function setRole(
  { database, clock, channel }: SetRoleDeps,
  actor: Actor,
  { userId, role }: { userId: string; role: Role },
): Promise<void> {
  const now = clock.now();
  const changed = await inTransaction(database.db, async (tx) => {
    const user = await lockUserRow(tx, userId);
    if (user === undefined || user.deleted_at !== null) throw new AppError('USER_NOT_FOUND');
    return changeRole(tx, actor, { user, role, now });
  });
  if (changed) await channel.tell({ userId });
}

/** Under the user's row lock. False when the user has the role already. */
export async function changeRole(
  tx: Tx,
  actor: Actor,
  { user, role, now }: { user: User; role: Role; now: Date },
): Promise<boolean> {
  if (user.role === role) return false;
  await saveRole(tx, user.id, role, now);
  const sessionsEnded = await saveEndOfAll(tx, { userId: user.id, reason: 'role_changed', now });
  await recordAudit(tx, actor, {
    action: 'account.role_changed',
    subjectType: 'user',
    subjectId: user.id,
    details: { from: user.role, to: role, sessionsEnded },
    now,
  });
  return true;
}
