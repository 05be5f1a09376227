import type { Role, SessionItem, Tokens } from '@yunshang/contracts';
import type { Actor, Clock, Database, Tx } from '@yunshang/db';
import type { Redis } from 'ioredis';
import { assertSettings, type AccountsConfig } from './account-settings.ts';
import { requestCode, type CodeRequested } from './codes/request-code.ts';
import { createSendingCaps } from './codes/sending-caps.ts';
import { NO_SMS_COSTS, type SmsCosts } from './codes/sms-costs.ts';
import type { SmsGateway } from './codes/sms.gateway.ts';
import type { Log } from './log.ts';
import { createPhoneVault } from './phones/phone-vault.ts';
import { openRedisConnections } from './redis-connections.ts';
import { createAccessTokens } from './sessions/access-token.ts';
import { authenticate, type Caller } from './sessions/authenticate.ts';
import { endSession, signOut } from './sessions/end-session.ts';
import { listSessions } from './sessions/list-sessions.ts';
import { refresh } from './sessions/refresh.ts';
import { createSessionCache } from './sessions/session-cache.ts';
import { createSessionChannel } from './sessions/session-channel.ts';
import { findLiveSession } from './sessions/session.store.ts';
import { signIn } from './sessions/sign-in.ts';
import { sweepAccounts } from './sessions/sweep.ts';
import { setLowQuotaSms } from './users/low-quota-sms.ts';
import { getProfile, type Profile } from './users/profile.ts';
import { setRole } from './users/set-role.ts';

/** How long an ended session or an old role can live on in a process that missed the news. */
export const SESSION_CACHE_MS = 3_000;
const SESSIONS_CACHED = 20_000;

export type AccountsDeps = {
  database: Database;
  /** Which Redis; connections of our own are made to it. */
  redis: Redis;
  clock: Clock;
  config: AccountsConfig;
  sms: SmsGateway;
  /** Books what messages cost. */
  smsCosts?: SmsCosts;
  log: Log;
  /** Called in the transaction that makes an account at its first sign-in, under the account's row lock. */
  onNewUser?: (tx: Tx, userId: string, now: Date) => Promise<void>;
};

/** `requestId` goes to the audit log. */
export type Accounts = {
  requestCode(input: { phone: string; ip: string }): Promise<CodeRequested>;
  signIn(input: { phone: string; code: string; ip: string; userAgent: string; requestId?: string }): Promise<Tokens>;
  refresh(input: { refreshToken: string; requestId?: string }): Promise<Tokens>;
  authenticate(accessToken: string): Promise<Caller>;
  signOut(caller: Caller, requestId?: string): Promise<void>;
  listSessions(caller: Caller): Promise<SessionItem[]>;
  endSession(caller: Caller, sessionId: string, requestId?: string): Promise<void>;
  profile(userId: string): Promise<Profile>;
  /** Whether the member wants texts about low quota. */
  setLowQuotaSms(actor: Actor, input: { userId: string; agreed: boolean }): Promise<{ agreedAt: string | null }>;
  setRole(actor: Actor, input: { userId: string; role: Role }): Promise<void>;
  sweep(): Promise<void>;
  close(): Promise<void>;
};

/** Phone sign-in, sessions, tokens and roles. The use cases say what each throws. */
export function createAccounts(given: AccountsDeps): Accounts {
  const { database, redis, clock, config, sms, log } = given;
  const { smsCosts = NO_SMS_COSTS, onNewUser = async () => undefined } = given;
  assertSettings(config);
  const connections = openRedisConnections(redis, log);
  const sessions = createSessionCache((id) => findLiveSession(database.db, id), clock, {
    ttlMs: SESSION_CACHE_MS,
    max: SESSIONS_CACHED,
  });
  const channel = createSessionChannel(
    { publisher: connections.commands, subscriber: connections.subscriber },
    {
      news: (news) => ('userId' in news ? sessions.forgetUser(news.userId) : sessions.forget(news.sessionId)),
      gap: () => sessions.clear(),
      log,
    },
  );
  const vault = createPhoneVault(config);
  const access = createAccessTokens(config.accessKeys, config.accessTtlSeconds);
  const caps = createSendingCaps(connections.commands, config.sms);
  const deps = { database, clock, config, vault, access, caps, sms, smsCosts, log, sessions, channel, onNewUser };
  return {
    requestCode: (input) => requestCode(deps, input),
    signIn: ({ requestId = '', ...input }) => signIn(deps, { ...input, requestId }),
    refresh: ({ refreshToken, requestId = '' }) => refresh(deps, { refreshToken, requestId }),
    authenticate: (accessToken) => authenticate(deps, accessToken),
    signOut: (caller, requestId = '') => signOut(deps, caller, requestId),
    listSessions: (caller) => listSessions(deps, caller),
    endSession: (caller, sessionId, requestId = '') => endSession(deps, caller, { sessionId, requestId }),
    profile: (userId) => getProfile(deps, userId),
    setLowQuotaSms: (actor, input) => setLowQuotaSms(deps, actor, input),
    setRole: (actor, input) => setRole(deps, actor, input),
    sweep: () => sweepAccounts(deps),
    async close() {
      channel.close();
      connections.close();
    },
  };
}
