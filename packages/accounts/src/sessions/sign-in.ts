import { AppError, type Tokens } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Clock, type Database, type Tx } from '@yunshang/db';
import type { AccountsConfig } from '../account-settings.ts';
import { hashCode, judgeGuess } from '../codes/sms-code.ts';
import { countWrongGuess, findUsableCode, lockSendingRecord, markUsed } from '../codes/sms-code.store.ts';
import { assertPhone } from '../phones/phone.ts';
import type { PhoneVault } from '../phones/phone-vault.ts';
import { lockOrCreateUser, resealPhone, type User } from '../users/user.store.ts';
import type { AccessTokens } from './access-token.ts';
import { readableUserAgent, sessionEnd } from './session.ts';
import { insertSession } from './session.store.ts';
import { issueTokens } from './tokens.ts';

export type SignInDeps = {
  database: Database;
  clock: Clock;
  config: AccountsConfig;
  vault: PhoneVault;
  access: AccessTokens;
  onNewUser: (tx: Tx, userId: string, now: Date) => Promise<void>;
};
export type SignInInput = { phone: string; code: string; userAgent: string; requestId: string };

type Opened = { sessionId: string; userId: string; now: Date };

/**
 * Exchanges a code for a session, and makes the account at the first sign-in. Throws SMS_CODE_INVALID for a wrong, old,
 * used or exhausted code without telling which. A wrong guess is counted before it is answered.
 */
export async function signIn(deps: SignInDeps, input: SignInInput): Promise<Tokens> {
  assertPhone(input.phone);
  const opened = await inTransaction(deps.database.db, async (tx) =>
    (await spendCode(tx, deps, input)) ? openSession(tx, deps, input) : undefined,
  );
  if (opened === undefined) throw new AppError('SMS_CODE_INVALID');
  return issueTokens(deps, { ...opened, generation: 1 }, opened.now);
}

/** True once per code: guesses of one phone follow each other under its lock, and the right one uses the code up. */
async function spendCode(tx: Tx, { vault, config, clock }: SignInDeps, input: SignInInput): Promise<boolean> {
  const phoneIndex = vault.indexOf(input.phone);
  if ((await lockSendingRecord(tx, phoneIndex)) === undefined) return false;
  const code = await findUsableCode(tx, phoneIndex);
  if (code === undefined) return false;
  const now = clock.now();
  const guess = hashCode(config.codeKey, { id: code.id, phoneIndex, digits: input.code });
  const verdict = judgeGuess(code, guess, now);
  if (verdict.kind === 'wrong') await countWrongGuess(tx, code.id, verdict);
  if (verdict.kind === 'right') await markUsed(tx, code.id, now);
  return verdict.kind === 'right';
}

async function openSession(tx: Tx, deps: SignInDeps, input: SignInInput): Promise<Opened> {
  const now = deps.clock.now();
  const { user, isNew } = await lockOrCreateUser(tx, deps.vault, { phone: input.phone, now });
  if (user.deleted_at !== null) throw new AppError('FORBIDDEN');
  if (deps.vault.isStale(user)) await resealPhone(tx, user.id, deps.vault.seal(input.phone, user.id));
  const sessionId = await insertSession(tx, {
    userId: user.id,
    userAgent: readableUserAgent(input.userAgent),
    now,
    expiresAt: sessionEnd(now, deps.config.refreshTtlDays),
  });
  if (isNew) await deps.onNewUser(tx, user.id, now);
  await recordSignIn(tx, { user, isNew, sessionId, requestId: input.requestId, now });
  return { sessionId, userId: user.id, now };
}

async function recordSignIn(
  tx: Tx,
  {
    user,
    isNew,
    sessionId,
    requestId,
    now,
  }: { user: User; isNew: boolean; sessionId: string; requestId: string; now: Date },
): Promise<void> {
  const actor = { id: user.id, role: user.role, requestId };
  const subject = { subjectType: 'user', subjectId: user.id, now };
  if (isNew) await recordAudit(tx, actor, { action: 'account.created', ...subject, details: {} });
  await recordAudit(tx, actor, { action: 'account.signed_in', ...subject, details: { sessionId } });
}
