import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { maskCredentials, openCredentials, sealCredentials, type ProviderKeys } from './credentials.ts';

const old = { version: 1, key: randomBytes(32) };
const current = { version: 2, key: randomBytes(32) };
const keys: ProviderKeys = [current, old];
const secret = { apiKey: '0123456789abcdef0123456789abcdef' };

test('what was sealed opens again, also with a key that has been replaced', () => {
  expect(openCredentials(keys, 'hub', sealCredentials(keys, 'hub', secret))).toEqual(secret);
  expect(openCredentials(keys, 'hub', sealCredentials([old], 'hub', secret))).toEqual(secret);
  expect(sealCredentials(keys, 'hub', secret).credentials_key_version).toBe(2);
});

test('the row holds nothing readable, and never the same bytes twice', () => {
  const [a, b] = [sealCredentials(keys, 'hub', secret), sealCredentials(keys, 'hub', secret)];
  expect(a.credentials_enc.toString('latin1')).not.toContain('apiKey');
  expect(a.credentials_enc.equals(b.credentials_enc)).toBe(false);
});

test('in the row of another provider, changed by a bit, or without its key, it does not open', () => {
  const sealed = sealCredentials(keys, 'hub', secret);
  const changed = Buffer.from(sealed.credentials_enc);
  changed.writeUInt8(changed.readUInt8(14) ^ 1, 14);
  expect(() => openCredentials(keys, 'other', sealed)).toThrow('do not open');
  expect(() => openCredentials(keys, 'hub', { ...sealed, credentials_enc: changed })).toThrow('do not open');
  expect(() => openCredentials([old], 'hub', sealed)).toThrow('no provider key of version 2');
});

test('masking keeps four characters of what is long and nothing of what is short', () => {
  expect(maskCredentials({ ...secret, pin: 'short' })).toEqual({ apiKey: '••••cdef', pin: '••••' });
});
