import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** A million rows are some 350 MB; more than this is no bill of ours but a bomb. */
const MAX_PLAIN_BYTES = 512 * 1024 * 1024;

/** The text of a packed bill as it comes out; throws where it can not be unpacked. */
export async function* openBill(path: string): AsyncGenerator<Buffer> {
  const packed = createReadStream(path);
  const plain = createGunzip();
  packed.on('error', (error) => plain.destroy(error));
  let bytes = 0;
  for await (const chunk of packed.pipe(plain)) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a bill is bytes');
    bytes += chunk.length;
    if (bytes > MAX_PLAIN_BYTES) throw new RangeError('a bill is larger than any of ours can be');
    yield chunk;
  }
}

/** Compares the bill with its hash, which is over the plain text, before a word of it is believed. */
export async function judgeBill(path: string, sha1: string): Promise<'intact' | 'hash_differs' | 'unpackable'> {
  const hash = createHash('sha1');
  try {
    for await (const chunk of openBill(path)) hash.update(chunk);
  } catch (error) {
    if (isUnpackable(error)) return 'unpackable';
    throw error;
  }
  return hash.digest('hex') === sha1 ? 'intact' : 'hash_differs';
}

/** What zlib says of bytes that are none of its own, or end too soon. */
function isUnpackable(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
