import { AppError } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Clock, type Database } from '@yunshang/db';
import type { AccountsConfig } from '../account-settings.ts';
import { assertPhone } from '../phones/phone.ts';
import { createPhoneVault } from '../phones/phone-vault.ts';
import { changeRole } from './set-role.ts';
import { lockOrCreateUser } from './user.store.ts';

export type MakeAdminDeps = {
  database: Database;
  clock: Clock;
  config: Pick<AccountsConfig, 'phoneKeys' | 'phoneIndexKey'>;
};

/**
 * For the operator's command line: makes the phone's owner an admin, also before their first sign-in. Running processes
 * notice within seconds, as a session is read again.
 */
export async function makeAdmin(deps: MakeAdminDeps, phone: string): Promise<{ userId: string; accountId: string }> {
  assertPhone(phone);
  const now = deps.clock.now();
  return inTransaction(deps.database.db, async (tx) => {
    const actor = { id: null, role: 'system' as const, requestId: 'command' };
    const { user, isNew } = await lockOrCreateUser(tx, createPhoneVault(deps.config), { phone, now });
    if (user.deleted_at !== null) throw new AppError('USER_NOT_FOUND');
    const created = { action: 'account.created', subjectType: 'user', subjectId: user.id, details: {}, now };
    if (isNew) await recordAudit(tx, actor, created);
    await changeRole(tx, actor, { user, role: 'admin', now });
    return { userId: user.id, accountId: user.account_id };
  });
}
