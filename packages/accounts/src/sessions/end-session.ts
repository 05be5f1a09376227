import { AppError } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Clock, type Database } from '@yunshang/db';
import type { Caller } from './authenticate.ts';
import type { SessionChannel } from './session-channel.ts';
import { saveEnd } from './session.store.ts';

export type EndSessionDeps = { database: Database; clock: Clock; channel: SessionChannel };

/** Ends one of the caller's own sessions, at once in every process. Throws SESSION_NOT_FOUND for any other. */
export async function endSession(
  deps: EndSessionDeps,
  caller: Caller,
  { sessionId, requestId }: { sessionId: string; requestId: string },
): Promise<void> {
  if (!(await end(deps, caller, { sessionId, reason: 'ended_by_user', requestId })))
    throw new AppError('SESSION_NOT_FOUND');
}

/** Ends the caller's session; again is no error. */
export async function signOut(deps: EndSessionDeps, caller: Caller, requestId: string): Promise<void> {
  await end(deps, caller, { sessionId: caller.sessionId, reason: 'signed_out', requestId });
}

async function end(
  { database, clock, channel }: EndSessionDeps,
  caller: Caller,
  { sessionId, reason, requestId }: { sessionId: string; reason: 'ended_by_user' | 'signed_out'; requestId: string },
): Promise<boolean> {
  const now = clock.now();
  const ended = await inTransaction(database.db, async (tx) => {
    if (!(await saveEnd(tx, { sessionId, userId: caller.userId, reason, now }))) return false;
    await recordAudit(
      tx,
      { id: caller.userId, role: caller.role, requestId },
      {
        action: 'session.ended',
        subjectType: 'user',
        subjectId: caller.userId,
        details: { sessionId, reason },
        now,
      },
    );
    return true;
  });
  if (ended) await channel.tell({ sessionId });
  return ended;
}
