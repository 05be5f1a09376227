/** One AES-256 key and the number that is stored beside what it sealed. */
export type VersionedKey = { version: number; key: Buffer };
/** The first seals, all open. */
export type KeyRing = readonly [VersionedKey, ...VersionedKey[]];
export type SigningKey = { id: string; secret: Buffer };
/** The first signs, all verify. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

const KEY_BYTES = 32;
const NAMED_KEY = /^(?:([A-Za-z0-9-]{1,16}):)?([A-Za-z0-9+/_-]{20,}={0,2})$/;

/** A secret of at least 32 bytes from base64. The error never repeats the text. */
export function parseSecret(name: string, base64: string): Buffer {
  const secret = Buffer.from(base64.trim(), 'base64');
  if (secret.length < KEY_BYTES) throw new Error(`${name} must be at least ${KEY_BYTES} bytes in base64`);
  return secret;
}

/** `id:base64,id:base64`, the signing key first; a lone `base64` has the id `1`. */
export function parseSigningKeys(name: string, text: string): SigningKeys {
  return notEmpty(
    name,
    entriesOf(name, text).map(({ id, base64 }) => ({ id, secret: parseSecret(name, base64) })),
  );
}

/** `version:base64,version:base64` of AES-256 keys, the sealing key first; a lone `base64` is version 1. */
export function parseKeyRing(name: string, text: string): KeyRing {
  const keys = entriesOf(name, text).map(({ id, base64 }) => {
    const version = Number(id);
    const key = parseSecret(name, base64);
    if (!Number.isInteger(version) || version < 1 || version > 32_767)
      throw new Error(`${name}: a key's version is a number from 1 to 32767`);
    if (key.length !== KEY_BYTES) throw new Error(`${name}: an AES-256 key is exactly ${KEY_BYTES} bytes`);
    return { version, key };
  });
  return notEmpty(name, keys);
}

/** Refuses keys used for two purposes: what one signs, another must not accept. */
export function assertKeysApart(groups: Readonly<Record<string, readonly Buffer[]>>): void {
  const seen = new Map<string, string>();
  for (const [name, keys] of Object.entries(groups))
    for (const key of keys) {
      const text = key.toString('base64');
      const other = seen.get(text);
      if (other !== undefined) throw new Error(`${name} and ${other} must not share a key`);
      seen.set(text, name);
    }
}

function entriesOf(name: string, text: string): { id: string; base64: string }[] {
  const entries = text.split(',').map((entry) => {
    const match = NAMED_KEY.exec(entry.trim());
    if (match === null) throw new Error(`${name} must look like id:base64,id:base64`);
    return { id: match[1] ?? '1', base64: match[2] ?? '' };
  });
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) throw new Error(`${name} names an id twice`);
  return entries;
}

function notEmpty<T>(name: string, items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...rest] = items;
  if (first === undefined) throw new Error(`${name} holds no key`);
  return [first, ...rest];
}
