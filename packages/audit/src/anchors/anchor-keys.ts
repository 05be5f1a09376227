import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';

/** An Ed25519 key and the name that anchors give for it. */
export type SigningKey = { readonly id: string; readonly privateKey: KeyObject };
/** The keys that anchors may be signed with, by name. */
export type VerifyingKeys = ReadonlyMap<string, KeyObject>;

const SEED_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const NAMED = /^([A-Za-z0-9-]{1,16}):([A-Za-z0-9+/_-]{43}=?)$/;

/** `id:base64` of 32 secret bytes: the seed of an Ed25519 key. */
export function parseSigningKey(text: string): SigningKey {
  const [first, ...more] = entriesOf(text);
  if (first === undefined || more.length > 0) throw new Error('must be one key, id:base64');
  return {
    id: first.id,
    privateKey: createPrivateKey({ key: Buffer.concat([SEED_HEAD, first.bytes]), format: 'der', type: 'pkcs8' }),
  };
}

/** A fresh key, as parseSigningKey reads it. */
export function newSigningKeyText(id: string): string {
  const text = `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;
  parseSigningKey(text);
  return text;
}

/** `id:base64,id:base64` of public Ed25519 keys: today's and those of former times. */
export function parseVerifyingKeys(text: string): VerifyingKeys {
  return new Map(
    entriesOf(text).map(({ id, bytes }) => [
      id,
      createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, bytes]), format: 'der', type: 'spki' }),
    ]),
  );
}

/** What verifies anchors of this key and of former ones. */
export function verifyingKeysOf(key: SigningKey, former: VerifyingKeys = new Map()): VerifyingKeys {
  return new Map([...former, [key.id, createPublicKey(key.privateKey)]]);
}

/** The public half, as parseVerifyingKeys reads it. */
export function verifyingKeyText({ id, privateKey }: SigningKey): string {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return `${id}:${der.subarray(PUBLIC_HEAD.length).toString('base64')}`;
}

function entriesOf(text: string): { id: string; bytes: Buffer }[] {
  const entries = text.split(',').map((entry) => {
    const match = NAMED.exec(entry.trim());
    const bytes = Buffer.from(match?.[2] ?? '', 'base64');
    if (match === null || bytes.length !== KEY_BYTES) throw new Error('must look like id:base64 of 32 bytes');
    return { id: match[1] ?? '', bytes };
  });
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) throw new Error('names an id twice');
  return entries;
}
