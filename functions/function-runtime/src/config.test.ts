import { expect, test } from 'vitest';
import { readFunctionConfig } from './config.ts';

const whole = {
  YS_CALLBACK_KEYS: 'new:with:colons-in-the-secret-of-32-letters, old:another-secret-that-is-long-enough-too',
  YS_CALLBACK_ORIGINS: 'https://api.example.com',
  YS_STORAGE_ORIGINS: 'https://*.Example.com, http://127.0.0.1:4600',
  YS_STATE_DIR: '/var/state',
};

test('reads two keys and the lists of origins', () => {
  expect(readFunctionConfig(whole)).toEqual({
    callbackKeys: [
      { id: 'new', secret: 'with:colons-in-the-secret-of-32-letters' },
      { id: 'old', secret: 'another-secret-that-is-long-enough-too' },
    ],
    callbackOrigins: ['https://api.example.com'],
    storageOrigins: ['https://*.example.com', 'http://127.0.0.1:4600'],
    stateDirectory: '/var/state',
  });
});

test.each([
  ['no keys', { YS_CALLBACK_KEYS: '' }, 'YS_CALLBACK_KEYS is not set'],
  ['a key without an id', { YS_CALLBACK_KEYS: 'secret-alone' }, 'id:secret'],
  ['three keys', { YS_CALLBACK_KEYS: 'a:1,b:2,c:3' }, 'one or two keys'],
  ['no storage', { YS_STORAGE_ORIGINS: undefined }, 'YS_STORAGE_ORIGINS is not set'],
  ['an origin with a path', { YS_STORAGE_ORIGINS: 'https://a.example/b' }, 'no origin'],
  ['every host', { YS_STORAGE_ORIGINS: '*' }, 'no origin'],
])('refuses %s and names the variable', (_, change, message) => {
  expect(() => readFunctionConfig({ ...whole, ...change })).toThrow(message);
});
