import { AppError } from '@yunshang/contracts';
import { inTransaction, newId, type Clock, type Database } from '@yunshang/db';
import type { AccountsConfig } from '../account-settings.ts';
import type { Log } from '../log.ts';
import { assertPhone } from '../phones/phone.ts';
import type { PhoneVault } from '../phones/phone-vault.ts';
import type { SendingCaps } from './sending-caps.ts';
import { judgeSending, secondsUntilNext, type SendingVerdict } from './sending-limits.ts';
import { hashCode, newCode } from './sms-code.ts';
import {
  findSendingRecord,
  insertCode,
  lockNewSendingRecord,
  markSending,
  saveSendingRecord,
} from './sms-code.store.ts';
import type { SmsCosts } from './sms-costs.ts';
import type { SmsGateway, SmsOutcome } from './sms.gateway.ts';

export type RequestCodeDeps = {
  database: Database;
  clock: Clock;
  config: AccountsConfig;
  vault: PhoneVault;
  caps: SendingCaps;
  sms: SmsGateway;
  smsCosts: SmsCosts;
  log: Log;
};
export type CodeRequested = { expiresInSeconds: number; retryAfterSeconds: number };

type Intent = { id: string; digits: string; dayCount: number; now: Date };

/**
 * Sends a sign-in code. Whether the phone has an account is never looked at, so the answer can not tell.
 * Throws SMS_TOO_FREQUENT (with the seconds to wait) or SMS_UNAVAILABLE, after which the code can not be used. When the
 * vendor does not answer in time the message may still come: then the code stays usable and this succeeds.
 */
export async function requestCode(
  deps: RequestCodeDeps,
  { phone, ip }: { phone: string; ip: string },
): Promise<CodeRequested> {
  assertPhone(phone);
  const { config, clock, database } = deps;
  const phoneIndex = deps.vault.indexOf(phone);
  // A first look without the lock, so that asking again too early uses up nothing of the caps.
  assertAllowed(judgeSending(await findSendingRecord(database.db, phoneIndex), clock.now(), config.sms));
  await deps.caps.take(ip);
  const intent = await recordIntent(deps, phoneIndex);
  await send(deps, phone, intent);
  return {
    expiresInSeconds: config.sms.codeTtlSeconds,
    retryAfterSeconds: secondsUntilNext(intent.dayCount, intent.now, config.sms),
  };
}

async function recordIntent(deps: RequestCodeDeps, phoneIndex: Buffer): Promise<Intent> {
  const { database, clock, config } = deps;
  const id = newId();
  const digits = newCode();
  const hash = hashCode(config.codeKey, { id, phoneIndex, digits });
  return inTransaction(database.db, async (tx) => {
    const record = await lockNewSendingRecord(tx, phoneIndex);
    const now = clock.now();
    const { day, dayCount } = assertAllowed(judgeSending(record, now, config.sms));
    await saveSendingRecord(tx, phoneIndex, { day, dayCount, now });
    const expiresAt = new Date(now.getTime() + config.sms.codeTtlSeconds * 1_000);
    await insertCode(tx, { id, phoneIndex, hash, now, expiresAt });
    await deps.smsCosts.book(tx, id, now);
    return { id, digits, dayCount, now };
  });
}

async function send(deps: RequestCodeDeps, phone: string, { id, digits }: Intent): Promise<void> {
  const minutes = Math.ceil(deps.config.sms.codeTtlSeconds / 60);
  let outcome: SmsOutcome;
  try {
    outcome = await deps.sms.sendCode(phone, digits, minutes);
  } catch (error) {
    await markSending(deps.database.db, id, 'failed');
    await settle(deps, id, 0);
    throw error;
  }
  if (outcome.kind === 'unknown') {
    deps.log.warn({ codeId: id }, 'no answer from the SMS vendor; the code stays usable');
    return;
  }
  await markSending(deps.database.db, id, 'sent');
  if (outcome.segments !== undefined) await settle(deps, id, outcome.segments);
}

/** Our books are no reason to fail somebody who has the message: what can not be settled stays as it was estimated. */
async function settle({ smsCosts, log }: RequestCodeDeps, codeId: string, segments: number): Promise<void> {
  try {
    await smsCosts.settle(codeId, segments);
  } catch (error) {
    log.warn({ codeId, segments, err: error }, 'the cost of a message was not settled; its estimate stands');
  }
}

function assertAllowed(verdict: SendingVerdict): Extract<SendingVerdict, { allowed: true }> {
  if (verdict.allowed) return verdict;
  throw new AppError('SMS_TOO_FREQUENT', { retryAfterSeconds: verdict.retryAfterSeconds });
}
