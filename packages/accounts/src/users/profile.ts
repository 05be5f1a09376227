import { AppError, type Role } from '@yunshang/contracts';
import type { Database } from '@yunshang/db';
import { maskPhone } from '../phones/phone.ts';
import type { PhoneVault } from '../phones/phone-vault.ts';
import { findUser } from './user.store.ts';

export type Profile = {
  userId: string;
  accountId: string;
  phoneMasked: string;
  role: Role;
  createdAt: string;
  /** When they agreed to texts about low quota; null: they do not. */
  lowQuotaSmsAgreedAt: string | null;
};

/** What a member sees of their own account. Throws USER_NOT_FOUND. */
export async function getProfile(
  { database, vault }: { database: Database; vault: PhoneVault },
  userId: string,
): Promise<Profile> {
  const user = await findUser(database.db, userId);
  if (user === undefined || user.deleted_at !== null) throw new AppError('USER_NOT_FOUND');
  return {
    userId: user.id,
    accountId: user.account_id,
    phoneMasked: maskPhone(vault.open(user, user.id)),
    role: user.role,
    createdAt: user.created_at.toISOString(),
    lowQuotaSmsAgreedAt: user.low_quota_sms_at?.toISOString() ?? null,
  };
}
