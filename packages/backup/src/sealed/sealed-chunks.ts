import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { BackupRefused } from './refused.ts';

/** An AES-256 key and the number that the file names it by. */
export type BackupKey = { readonly version: number; readonly key: Buffer };

const MAGIC = Buffer.from('YSBK\u0001', 'latin1');
const SALT_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 4 + SALT_BYTES;
const CHUNK_BYTES = 1_048_576;
const TAG_BYTES = 16;
const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;
const CIPHER = 'aes-256-gcm';

/**
 * Seals a stream in chunks of 1 MiB, each under AES-256-GCM with a nonce of its number and of whether it is the last (the STREAM
 * construction): a chunk that is changed, moved, missing or too many does not open. Every file has a key of its own, derived from
 * the key, a salt and the head.
 */
export async function* sealChunks(source: AsyncIterable<Buffer>, key: BackupKey): AsyncGenerator<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32BE(key.version, MAGIC.length);
  randomBytes(SALT_BYTES).copy(head, MAGIC.length + 4);
  yield head;
  const fileKey = fileKeyOf(key, head);
  let number = 0;
  let held: Buffer | undefined;
  for await (const chunk of regrouped(source, CHUNK_BYTES)) {
    if (held !== undefined) yield seal(fileKey, held, { number: number++, isLast: false });
    held = chunk;
  }
  yield seal(fileKey, held ?? Buffer.alloc(0), { number, isLast: true });
}

/** What sealChunks sealed, up to its very end. Throws BackupRefused for everything else. */
export async function* openChunks(source: AsyncIterable<Buffer>, keys: readonly BackupKey[]): AsyncGenerator<Buffer> {
  const bytes = source[Symbol.asyncIterator]();
  const { head, rest } = await readHead(bytes);
  const fileKey = fileKeyOf(keyOf(head, keys), head);
  let number = 0;
  let held: Buffer | undefined;
  for await (const chunk of regrouped(resumed(rest, bytes), SEALED_BYTES)) {
    if (held !== undefined) yield openOrRefuse(fileKey, held, { number: number++, isLast: false });
    held = chunk;
  }
  if (held === undefined) throw new BackupRefused('it is cut short: nothing follows its head');
  const last = open(fileKey, held, { number, isLast: true });
  if (last !== undefined) yield last;
  else if (open(fileKey, held, { number, isLast: false }) !== undefined)
    throw new BackupRefused(`it is cut short behind chunk ${number}`);
  else throw refusal(number);
}

type Place = { number: number; isLast: boolean };

function seal(fileKey: Buffer, plain: Buffer, place: Place): Buffer {
  const cipher = createCipheriv(CIPHER, fileKey, nonceOf(place));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(fileKey: Buffer, sealed: Buffer, place: Place): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, fileKey, nonceOf(place), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return undefined;
  }
}

function openOrRefuse(fileKey: Buffer, sealed: Buffer, place: Place): Buffer {
  const plain = open(fileKey, sealed, place);
  if (plain === undefined) throw refusal(place.number);
  return plain;
}

function refusal(number: number): BackupRefused {
  return new BackupRefused(
    number === 0
      ? 'its first chunk does not open: the key is another one, or the file was changed'
      : `chunk ${number} does not open: the file was changed or cut there`,
  );
}

function nonceOf({ number, isLast }: Place): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

function fileKeyOf({ key }: BackupKey, head: Buffer): Buffer {
  const info = Buffer.concat([Buffer.from('yunshang-backup'), head]);
  return Buffer.from(hkdfSync('sha256', key, head.subarray(-SALT_BYTES), info, 32));
}

function keyOf(head: Buffer, keys: readonly BackupKey[]): BackupKey {
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new BackupRefused('it is no backup');
  const version = head.readUInt32BE(MAGIC.length);
  const key = keys.find((each) => each.version === version);
  if (key === undefined) throw new BackupRefused(`it is sealed with key ${version}, which is not among the keys given`);
  return key;
}

async function readHead(bytes: AsyncIterator<Buffer>): Promise<{ head: Buffer; rest: Buffer }> {
  let read = Buffer.alloc(0);
  while (read.length < HEAD_BYTES) {
    const next = await bytes.next();
    if (next.done === true) throw new BackupRefused('it is no backup, or cut short in its head');
    read = Buffer.concat([read, next.value]);
  }
  return { head: read.subarray(0, HEAD_BYTES), rest: read.subarray(HEAD_BYTES) };
}

async function* resumed(first: Buffer, bytes: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next()) yield next.value;
}

/** The same bytes in pieces of exactly `size`, but for the last. */
async function* regrouped(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const part of source) {
    parts.push(part);
    held += part.length;
    while (held >= size) {
      const all = Buffer.concat(parts);
      yield all.subarray(0, size);
      parts = [all.subarray(size)];
      held -= size;
    }
  }
  if (held > 0) yield Buffer.concat(parts);
}
