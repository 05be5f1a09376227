import { AppError, type Role } from '@yunshang/contracts';
import type { Clock } from '@yunshang/db';
import type { AccessTokens } from './access-token.ts';
import type { SessionCache } from './session-cache.ts';

/** Who makes a request. */
export type Caller = { userId: string; sessionId: string; role: Role };

export type AuthenticateDeps = { clock: Clock; access: AccessTokens; sessions: SessionCache };

/**
 * The caller of a request, from its access token. The role is the session's of now, not the token's of then.
 * Throws UNAUTHENTICATED, TOKEN_EXPIRED (refresh it) or SESSION_ENDED (sign in again).
 */
export async function authenticate({ clock, access, sessions }: AuthenticateDeps, token: string): Promise<Caller> {
  const now = clock.now();
  const claims = await access.verify(token, now);
  const session = await sessions.find(claims.sessionId);
  if (session === undefined || session.userId !== claims.userId || session.expiresAtMs <= now.getTime())
    throw new AppError('SESSION_ENDED');
  return { userId: session.userId, sessionId: claims.sessionId, role: session.role };
}
