import type { Role } from '@yunshang/contracts';
import { isDuplicate, newId, type Db, type Tx } from '@yunshang/db';
import type { PhoneVault, SealedPhone } from '../phones/phone-vault.ts';
import { newAccountId } from './account-id.ts';

export type User = SealedPhone & {
  id: string;
  account_id: string;
  role: Role;
  created_at: Date;
  deleted_at: Date | null;
  /** When they agreed to texts about low quota. */
  low_quota_sms_at: Date | null;
};

const COLUMNS = [
  'id',
  'account_id',
  'phone_enc',
  'phone_key_version',
  'role',
  'created_at',
  'deleted_at',
  'low_quota_sms_at',
] as const satisfies readonly (keyof User)[];

/** Fresh account numbers tried before giving up; one in a thousand is taken at a million accounts. */
const ACCOUNT_ID_TRIES = 8;

export async function findUser(db: Db, id: string): Promise<User | undefined> {
  return db.selectFrom('users').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

export async function lockUserRow(tx: Tx, id: string): Promise<User | undefined> {
  return tx.selectFrom('users').select(COLUMNS).where('id', '=', id).forUpdate().executeTakeFirst();
}

/** The phone's account, locked; made now when there is none. Two first sign-ins at once get the same one. */
export async function lockOrCreateUser(
  tx: Tx,
  vault: PhoneVault,
  { phone, now }: { phone: string; now: Date },
): Promise<{ user: User; isNew: boolean }> {
  const phoneIndex = vault.indexOf(phone);
  const known = await lockByPhone(tx, phoneIndex);
  if (known !== undefined) return { user: known, isNew: false };
  const isNew = await insertUser(tx, vault, { phone, phoneIndex, now });
  const user = await lockByPhone(tx, phoneIndex);
  if (user === undefined) throw new Error('a user that was just made is not there');
  return { user, isNew };
}

/** Stores the phone anew, sealed with the current key. */
export async function resealPhone(tx: Tx, userId: string, sealed: SealedPhone): Promise<void> {
  await tx.updateTable('users').set(sealed).where('id', '=', userId).execute();
}

export async function saveRole(tx: Tx, userId: string, role: Role, now: Date): Promise<void> {
  await tx.updateTable('users').set({ role, updated_at: now }).where('id', '=', userId).execute();
}

/** `at`: when the member agreed; null when they do not. */
export async function saveLowQuotaSms(
  tx: Tx,
  userId: string,
  { at, now }: { at: Date | null; now: Date },
): Promise<void> {
  await tx.updateTable('users').set({ low_quota_sms_at: at, updated_at: now }).where('id', '=', userId).execute();
}

async function lockByPhone(tx: Tx, phoneIndex: Buffer): Promise<User | undefined> {
  return tx.selectFrom('users').select(COLUMNS).where('phone_index', '=', phoneIndex).forUpdate().executeTakeFirst();
}

/** False when somebody else made the phone's account first. */
async function insertUser(
  tx: Tx,
  vault: PhoneVault,
  { phone, phoneIndex, now }: { phone: string; phoneIndex: Buffer; now: Date },
): Promise<boolean> {
  const id = newId();
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tx
        .insertInto('users')
        .values({
          id,
          account_id: newAccountId(),
          ...vault.seal(phone, id),
          phone_index: phoneIndex,
          created_at: now,
          updated_at: now,
        })
        .execute();
      return true;
    } catch (error) {
      if (isDuplicate(error, 'uq_users_phone')) return false;
      if (attempt >= ACCOUNT_ID_TRIES || !isDuplicate(error, 'uq_users_account')) throw error;
    }
  }
}
