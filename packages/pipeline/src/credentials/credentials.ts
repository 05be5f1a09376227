import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** AES-256 keys by version: the first seals, all open. */
export type ProviderKeys = readonly [VersionedKey, ...VersionedKey[]];
type VersionedKey = { version: number; key: Buffer };

/** What a vendor knows us by. Only ever in memory; stored sealed, shown masked. */
export type Credentials = Readonly<Record<string, string>>;

/** As provider_endpoints keeps it: nonce (12 bytes), ciphertext, tag (16 bytes). */
export type SealedCredentials = { credentials_enc: Buffer; credentials_key_version: number };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const credentialsSchema = z.record(z.string(), z.string());

/** Sealed for this provider alone: in another provider's row it does not open. */
export function sealCredentials(keys: ProviderKeys, providerRef: string, credentials: Credentials): SealedCredentials {
  const [current] = keys;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', current.key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(providerRef));
  const sealed = [nonce, cipher.update(JSON.stringify(credentials), 'utf8'), cipher.final(), cipher.getAuthTag()];
  return { credentials_enc: Buffer.concat(sealed), credentials_key_version: current.version };
}

/** Throws when the key is not in the ring or the row was tampered with; the message holds nothing of either. */
export function openCredentials(keys: ProviderKeys, providerRef: string, sealed: SealedCredentials): Credentials {
  const { credentials_enc: bytes, credentials_key_version: version } = sealed;
  const key = keys.find((one) => one.version === version)?.key;
  if (key === undefined) throw new Error(`no provider key of version ${version}`);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(providerRef));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return credentialsSchema.parse(JSON.parse(text.toString('utf8')));
  } catch {
    throw new Error(`the credentials of ${providerRef} do not open`);
  }
}

/** Names only, and of long values the last four characters: what an operator needs to tell two keys apart. */
export function maskCredentials(credentials: Credentials): Record<string, string> {
  return Object.fromEntries(Object.entries(credentials).map(([name, value]) => [name, mask(value)]));
}

function mask(value: string): string {
  return value.length < 16 ? '••••' : `••••${value.slice(-4)}`;
}
