import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { BackupRefused } from './refused.ts';
import { openChunks, sealChunks } from './sealed-chunks.ts';

const MIB = 1_048_576;
const HEAD = 41;
const SEALED = MIB + 16;
const key = { version: 2, key: Buffer.alloc(32, 7) };

async function* pieces(bytes: Buffer, size = 300_000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const collect = (source: AsyncIterable<Buffer>): Promise<Buffer> => buffer(source);
const sealed = (bytes: Buffer): Promise<Buffer> => collect(sealChunks(pieces(bytes), key));
const opened = (bytes: Buffer, keys = [key]): Promise<Buffer> => collect(openChunks(pieces(bytes), keys));

/** Not the same byte twice in a row of chunks. */
const text = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 8)) % 256));
const three = text(2 * MIB + 100);

it.each([0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB])('opens what it sealed, of %i bytes', async (length) => {
  expect((await opened(await sealed(text(length)))).equals(text(length))).toBe(true);
});

it('seals the same differently each time', async () => {
  expect((await sealed(three)).equals(await sealed(three))).toBe(false);
});

const withChange = async (change: (file: Buffer) => Buffer): Promise<Buffer> => change(await sealed(three));
const chunk = (file: Buffer, n: number): Buffer => file.subarray(HEAD + n * SEALED, HEAD + (n + 1) * SEALED);
const flipped = (file: Buffer, at: number): Buffer => {
  file.writeUInt8(file.readUInt8(at) ^ 1, at);
  return file;
};

describe('it refuses', () => {
  it.each<[string, (file: Buffer) => Buffer, RegExp]>([
    ['nothing', () => Buffer.alloc(0), /no backup/],
    ['another file', () => Buffer.alloc(5000, 'x'), /no backup/],
    ['a head alone', (file) => file.subarray(0, HEAD), /cut short/],
    ['a file cut at a chunk', (file) => file.subarray(0, HEAD + 2 * SEALED), /cut short behind chunk 1/],
    ['a file cut inside a chunk', (file) => file.subarray(0, -1), /chunk 2 does not open/],
    ['a file with more behind it', (file) => Buffer.concat([file, Buffer.from('x')]), /chunk 2 does not open/],
    ['a changed salt', (file) => flipped(file, HEAD - 1), /first chunk does not open/],
    ['a changed byte', (file) => flipped(file, HEAD + SEALED + 5), /chunk 1 does not open/],
    [
      'chunks in another order',
      (file) => Buffer.concat([file.subarray(0, HEAD), chunk(file, 1), chunk(file, 0), chunk(file, 2)]),
      /first chunk does not open/,
    ],
    [
      'a chunk too few',
      (file) => Buffer.concat([file.subarray(0, HEAD), chunk(file, 0), chunk(file, 2)]),
      /chunk 1 does not open/,
    ],
  ])('%s', async (_what, change, reason) => {
    const bytes = await withChange(change);
    await expect(opened(bytes)).rejects.toThrow(BackupRefused);
    await expect(opened(bytes)).rejects.toThrow(reason);
  });

  it('a key of another version, and another key of the same', async () => {
    const file = await sealed(three);
    await expect(opened(file, [{ version: 1, key: key.key }])).rejects.toThrow('sealed with key 2');
    await expect(opened(file, [{ version: 2, key: Buffer.alloc(32, 8) }])).rejects.toThrow('the key is another one');
  });
});
