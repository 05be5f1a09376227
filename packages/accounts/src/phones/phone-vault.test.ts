import { expect, test } from 'vitest';
import { maskPhone } from './phone.ts';
import { createPhoneVault } from './phone-vault.ts';

const phone = '+8613800138000';
const old = { version: 1, key: Buffer.alloc(32, 1) };
const current = { version: 2, key: Buffer.alloc(32, 2) };
const phoneIndexKey = Buffer.alloc(32, 3);
const vault = createPhoneVault({ phoneKeys: [current, old], phoneIndexKey });

test('a sealed phone opens for its user only', () => {
  const sealed = vault.seal(phone, 'user-a');
  expect(vault.open(sealed, 'user-a')).toBe(phone);
  expect(() => vault.open(sealed, 'user-b')).toThrow(/authenticate/);
});

test('a sealed phone differs each time and shows nothing', () => {
  const [one, two] = [vault.seal(phone, 'user-a'), vault.seal(phone, 'user-a')];
  expect(one.phone_enc).not.toEqual(two.phone_enc);
  expect(one.phone_enc.includes('13800138000')).toBe(false);
});

test('one flipped bit is refused', () => {
  const sealed = vault.seal(phone, 'user-a');
  for (const at of [0, 13, sealed.phone_enc.length - 1]) {
    const bent = Buffer.from(sealed.phone_enc);
    bent.writeUInt8(bent.readUInt8(at) ^ 1, at);
    expect(() => vault.open({ ...sealed, phone_enc: bent }, 'user-a')).toThrow(/authenticate/);
  }
});

test('what an older key sealed still opens and is known as stale', () => {
  const before = createPhoneVault({ phoneKeys: [old], phoneIndexKey }).seal(phone, 'user-a');
  expect(vault.open(before, 'user-a')).toBe(phone);
  expect(vault.isStale(before)).toBe(true);
  expect(vault.isStale(vault.seal(phone, 'user-a'))).toBe(false);
  expect(() => vault.open({ ...before, phone_key_version: 9 }, 'user-a')).toThrow('no phone key of version 9');
});

test('the index is equal for equal phones and another with another key', () => {
  expect(vault.indexOf(phone)).toEqual(vault.indexOf(phone));
  expect(vault.indexOf(phone)).not.toEqual(vault.indexOf('+8613800138001'));
  const other = createPhoneVault({ phoneKeys: [current], phoneIndexKey: Buffer.alloc(32, 4) });
  expect(other.indexOf(phone)).not.toEqual(vault.indexOf(phone));
});

test('a masked phone keeps three digits and four', () => {
  expect(maskPhone(phone)).toBe('138****8000');
});
