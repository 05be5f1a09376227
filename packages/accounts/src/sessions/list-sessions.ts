import type { SessionItem } from '@yunshang/contracts';
import type { Clock, Database } from '@yunshang/db';
import type { Caller } from './authenticate.ts';
import { listLiveSessions } from './session.store.ts';

/** The caller's live sessions, last used first; "used" means refreshed, to within the life of an access token. */
export async function listSessions(
  { database, clock }: { database: Database; clock: Clock },
  caller: Caller,
): Promise<SessionItem[]> {
  const rows = await listLiveSessions(database.db, caller.userId, clock.now());
  return rows.map((row) => ({
    id: row.id,
    current: row.id === caller.sessionId,
    userAgent: row.user_agent,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.rotated_at.toISOString(),
  }));
}
