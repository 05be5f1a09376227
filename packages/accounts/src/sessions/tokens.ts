import type { Tokens } from '@yunshang/contracts';
import type { AccountsConfig } from '../account-settings.ts';
import type { AccessTokens } from './access-token.ts';
import { deriveRefreshToken } from './refresh-token.ts';

export type TokenSource = { access: AccessTokens; config: Pick<AccountsConfig, 'refreshKeys' | 'accessTtlSeconds'> };

/** The pair a member holds for a generation of a session; given out only after the generation is committed. */
export async function issueTokens(
  { access, config }: TokenSource,
  session: { sessionId: string; userId: string; generation: number },
  now: Date,
): Promise<Tokens> {
  return {
    accessToken: await access.sign(session, now),
    expiresInSeconds: config.accessTtlSeconds,
    refreshToken: deriveRefreshToken(config.refreshKeys, session),
    userId: session.userId,
  };
}
