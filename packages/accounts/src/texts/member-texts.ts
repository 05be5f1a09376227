import type { Db } from '@yunshang/db';
import { isAppError } from '@yunshang/contracts';
import { SmsRefused } from '../codes/sms-refused.ts';
import type { SmsOutcome } from '../codes/sms.gateway.ts';
import type { KeyRing } from '../keys.ts';
import { openPhone } from '../phones/phone-vault.ts';
import { findUser } from '../users/user.store.ts';

/** Sends an approved text with these values to a phone in E.164. Throws as SmsGateway does. */
export type TextGateway = { sendText(phone: string, params: readonly string[]): Promise<SmsOutcome> };

export type TextedMember =
  | SmsOutcome
  | { kind: 'no_phone' }
  | { kind: 'refused'; why: string; retryAfterSeconds?: number | undefined };

/**
 * Texts members of whom only the id is known. It takes the keys that open phones and nothing else: who holds it can not look a number up, sign
 * anybody in or read a code.
 */
export type MemberTexts = { sendLowQuota(userId: string, available: number): Promise<TextedMember> };

export function createMemberTexts(deps: { db: Db; phoneKeys: KeyRing; sms: TextGateway }): MemberTexts {
  return {
    sendLowQuota: async (userId, available) => {
      const user = await findUser(deps.db, userId);
      if (user === undefined || user.deleted_at !== null || user.phone_enc.length === 0) return { kind: 'no_phone' };
      const phone = openPhone(deps.phoneKeys, user, user.id);
      try {
        return await deps.sms.sendText(phone, [String(available)]);
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

function refusalOf(error: unknown): TextedMember {
  if (!isAppError(error) || !(error.cause instanceof SmsRefused)) throw error;
  const { retryAfterSeconds } = error.details;
  return {
    kind: 'refused',
    why: error.cause.vendorCode,
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
}
