import { createHmac, randomBytes } from 'node:crypto';

/** 32 signs that nobody mistakes for another: no 0 and O, no 1 and I. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
/** 16 signs of 5 bits: 80 bits, which can not be guessed at any rate that a database can answer. */
const LENGTH = 16;
const CODE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** A fresh code in groups of four: `7Q2M-…`. */
export function newCode(): string {
  // 256 is a multiple of 32: every sign is as likely.
  const signs = [...randomBytes(LENGTH)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length));
  return signs.join('').replaceAll(/(.{4})(?=.)/g, '$1-');
}

/** What a person typed as the code it is, without hyphens; undefined when it can be none. */
export function readCode(typed: string): string | undefined {
  const code = typed
    .normalize('NFKC')
    .replaceAll(/[\s\p{Dash}]/gu, '')
    .toUpperCase();
  return CODE.test(code) ? code : undefined;
}

/** What is kept of a code. Only who has the key can tell whether a hash is that of a code. */
export function hashCode(key: Buffer, code: string): Buffer {
  return createHmac('sha256', key)
    .update(`redemption:${code.replaceAll('-', '')}`)
    .digest();
}
