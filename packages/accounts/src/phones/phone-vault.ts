import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { KeyRing } from '../keys.ts';

/** A phone as the users table keeps it: nonce (12 bytes), ciphertext, tag (16 bytes). */
export type SealedPhone = { phone_enc: Buffer; phone_key_version: number };

export type PhoneVault = {
  /** What finds a phone without opening any: equal for equal phones, useless without the key. */
  indexOf(phone: string): Buffer;
  /** Sealed for this user alone: under another user's id it does not open. */
  seal(phone: string, userId: string): SealedPhone;
  open(sealed: SealedPhone, userId: string): string;
  /** Sealed with a key that is no longer the first. */
  isStale(sealed: Pick<SealedPhone, 'phone_key_version'>): boolean;
};

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function createPhoneVault(keys: { phoneKeys: KeyRing; phoneIndexKey: Buffer }): PhoneVault {
  const [current] = keys.phoneKeys;
  return {
    indexOf: (phone) => createHmac('sha256', keys.phoneIndexKey).update(phone).digest(),
    seal(phone, userId) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(userId));
      const sealed = Buffer.concat([nonce, cipher.update(phone, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { phone_enc: sealed, phone_key_version: current.version };
    },
    open: (sealed, userId) => openPhone(keys.phoneKeys, sealed, userId),
    isStale: ({ phone_key_version: version }) => version !== current.version,
  };
}

/** Opens a phone with the keys that seal phones alone. Throws when it was sealed with another, or for another user. */
export function openPhone(
  phoneKeys: KeyRing,
  { phone_enc: sealed, phone_key_version: version }: SealedPhone,
  userId: string,
): string {
  const key = phoneKeys.find((each) => each.version === version)?.key;
  if (key === undefined) throw new Error(`no phone key of version ${version}`);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(userId));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const phone = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([phone, decipher.final()]).toString('utf8');
}
