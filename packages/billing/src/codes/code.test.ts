import { expect, it } from 'vitest';
import { hashCode, newCode, readCode } from './code.ts';

const key = Buffer.alloc(32, 1);

it('is sixteen signs of 32 that can not be mistaken for each other', () => {
  const codes = Array.from({ length: 2_000 }, () => newCode());
  for (const code of codes) expect(code).toMatch(/^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){3}$/);
  expect(new Set(codes).size).toBe(codes.length);
  // Every sign is used: 32 000 draws leave none out but once in e^-1000.
  expect(new Set(codes.join('').replaceAll('-', '')).size).toBe(32);
});

it.each([
  ['as printed', 'ABCD-EFGH-JKLM-NPQR'],
  ['in small letters', 'abcd-efgh-jklm-npqr'],
  ['with spaces for hyphens, and around', ' ABCD EFGH\tJKLM NPQR\n'],
  ['in one piece', 'ABCDEFGHJKLMNPQR'],
  ['in the wide signs and dashes of a Chinese keyboard', 'ＡＢＣＤ－ＥＦＧＨ—JKLM–NPQR'],
])('is read %s', (_how, typed) => {
  expect(readCode(typed)).toBe('ABCDEFGHJKLMNPQR');
});

it.each(['', '-', 'ABCD', 'ABCD-EFGH-JKLM-NPQ0', 'ABCD-EFGH-JKLM-NPQRS', 'ABCD-EFGH-JKLM-NPQİ', '𝟘'.repeat(16)])(
  'is not %j',
  (typed) => {
    expect(readCode(typed)).toBeUndefined();
  },
);

it('is kept as a hash that needs the key, and is the same with and without hyphens', () => {
  const hash = hashCode(key, 'ABCD-EFGH-JKLM-NPQR');
  expect(hash).toHaveLength(32);
  expect(hashCode(key, 'ABCDEFGHJKLMNPQR')).toEqual(hash);
  expect(hashCode(Buffer.alloc(32, 2), 'ABCDEFGHJKLMNPQR')).not.toEqual(hash);
  expect(hashCode(key, 'ABCDEFGHJKLMNPQS')).not.toEqual(hash);
});
