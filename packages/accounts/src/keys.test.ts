import { expect, test } from 'vitest';
import { assertKeysApart, parseKeyRing, parseSecret, parseSigningKeys } from './keys.ts';

const base64 = (fill: number, bytes = 32): string => Buffer.alloc(bytes, fill).toString('base64');

test('reads several keys, the first of which is for new work', () => {
  expect(parseSigningKeys('K', `b:${base64(2)}, a:${base64(1)}`)).toEqual([
    { id: 'b', secret: Buffer.alloc(32, 2) },
    { id: 'a', secret: Buffer.alloc(32, 1) },
  ]);
  expect(parseKeyRing('K', `2:${base64(2)},1:${base64(1)}`).map(({ version }) => version)).toEqual([2, 1]);
  expect(parseKeyRing('K', base64(7))).toEqual([{ version: 1, key: Buffer.alloc(32, 7) }]);
});

test('refuses what is short, misnamed or double, without repeating it', () => {
  const short = base64(9, 16);
  for (const parse of [
    () => parseSecret('K', short),
    () => parseSigningKeys('K', `a:${short}`),
    () => parseSigningKeys('K', `a_b:${base64(1)}`),
    () => parseSigningKeys('K', `a:${base64(1)},a:${base64(2)}`),
    () => parseSigningKeys('K', ''),
    () => parseKeyRing('K', `x:${base64(1)}`),
    () => parseKeyRing('K', `1:${base64(1, 33)}`),
  ])
    expect(parse).toThrow(/^K/);
  expect(() => parseSigningKeys('K', `a:${short}`)).not.toThrow(short);
});

test('refuses one key for two purposes', () => {
  const key = Buffer.alloc(32, 5);
  expect(() => assertKeysApart({ access: [key], refresh: [Buffer.alloc(32, 6)] })).not.toThrow();
  expect(() => assertKeysApart({ access: [key], refresh: [Buffer.from(key)] })).toThrow(
    'refresh and access must not share a key',
  );
});
