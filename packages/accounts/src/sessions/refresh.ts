import { AppError, type Tokens } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Clock, type Database, type Tx } from '@yunshang/db';
import type { AccountsConfig } from '../account-settings.ts';
import { findUser } from '../users/user.store.ts';
import type { AccessTokens } from './access-token.ts';
import { readRefreshToken, type RefreshClaim } from './refresh-token.ts';
import { judgeRefresh, sessionEnd } from './session.ts';
import type { SessionChannel } from './session-channel.ts';
import { lockSession, saveEnd, saveRotation, type LockedSession } from './session.store.ts';
import { issueTokens } from './tokens.ts';

export type RefreshDeps = {
  database: Database;
  clock: Clock;
  config: AccountsConfig;
  access: AccessTokens;
  channel: SessionChannel;
};

type Outcome =
  | { kind: 'tokens'; userId: string; generation: number; now: Date }
  | { kind: 'over' }
  | { kind: 'reused' };

/**
 * Exchanges the newest refresh token for its successor. The token before it gets the same successor for 30 s; an older
 * one, or the same one later, proves that somebody else holds a copy: the session ends. Throws SESSION_ENDED then and
 * when the session is over, UNAUTHENTICATED for what is no refresh token of ours.
 */
export async function refresh(
  deps: RefreshDeps,
  { refreshToken, requestId }: { refreshToken: string; requestId: string },
): Promise<Tokens> {
  const claim = readRefreshToken(deps.config.refreshKeys, refreshToken);
  if (claim === undefined) throw new AppError('UNAUTHENTICATED');
  const outcome = await inTransaction(deps.database.db, (tx) => present(tx, deps, { claim, requestId }));
  if (outcome.kind === 'reused') await deps.channel.tell({ sessionId: claim.sessionId });
  if (outcome.kind !== 'tokens') throw new AppError('SESSION_ENDED');
  return issueTokens(deps, { ...outcome, sessionId: claim.sessionId }, outcome.now);
}

async function present(
  tx: Tx,
  { clock, config }: RefreshDeps,
  { claim, requestId }: { claim: RefreshClaim; requestId: string },
): Promise<Outcome> {
  const session = await lockSession(tx, claim.sessionId);
  const user = session && (await findUser(tx, session.user_id));
  if (session === undefined || user === undefined || user.deleted_at !== null) return { kind: 'over' };
  const now = clock.now();
  const verdict = judgeRefresh(session, claim.generation, now);
  if (verdict === 'over') return { kind: 'over' };
  if (verdict === 'reused') {
    await endReused(tx, { session, requestId, now });
    return { kind: 'reused' };
  }
  const generation = verdict === 'rotate' ? session.generation + 1 : session.generation;
  if (verdict === 'rotate')
    await saveRotation(tx, session.id, { generation, now, expiresAt: sessionEnd(now, config.refreshTtlDays) });
  return { kind: 'tokens', userId: session.user_id, generation, now };
}

async function endReused(
  tx: Tx,
  { session, requestId, now }: { session: LockedSession; requestId: string; now: Date },
): Promise<void> {
  await saveEnd(tx, { sessionId: session.id, reason: 'reuse_detected', now });
  await recordAudit(
    tx,
    { id: null, role: 'system', requestId },
    {
      action: 'session.ended',
      subjectType: 'user',
      subjectId: session.user_id,
      details: { sessionId: session.id, reason: 'reuse_detected' },
      now,
    },
  );
}
