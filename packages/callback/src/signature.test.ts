import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CallbackRefused } from './callback-refused.ts';
import { signCallback, verifyCallback } from './signature.ts';
import type { CallbackKeys, CallbackToVerify, SignedHeaders } from './signature.ts';

const older = { id: '2026-10', secret: 'the-older-of-two-secrets-aaaaaaaaaaaaaaaa' };
const newer = { id: '2026-11', secret: 'the-newer-of-two-secrets-bbbbbbbbbbbbbbbb' };
const now = new Date('2026-11-22T03:04:05.678Z');
const path = '/api/internal/tasks/01JD/steps/1/callback';
const rawBody = '{"jobId":"01JD:1:1","status":"succeeded"}';
const nonce = 'n0nce-of-32-characters_aaaaaaaaa';

const signed = (keys: CallbackKeys = [newer]): SignedHeaders => signCallback({ keys, path, rawBody, now, nonce });

function verify(changes: Partial<CallbackToVerify> = {}) {
  return verifyCallback({ keys: [newer], path, rawBody, headers: { ...signed() }, now, ...changes });
}

function refusal(changes: Partial<CallbackToVerify>): string {
  try {
    verify(changes);
  } catch (error) {
    if (error instanceof CallbackRefused) return error.reason;
    throw error;
  }
  return 'believed';
}

const withHeader = (name: string, value: string | string[] | undefined) => ({
  headers: { ...signed(), [name]: value },
});
const after = (seconds: number) => ({ now: new Date(Math.floor(now.getTime() / 1000) * 1000 + seconds * 1000) });

describe('believes', () => {
  test('what the same key signed', () => {
    expect(verify()).toEqual({ nonce, keyId: newer.id });
  });

  test('the documented text: timestamp, nonce, path and raw body, one a line', () => {
    const timestamp = '1795316645';
    const hex = createHmac('sha256', newer.secret).update(`${timestamp}\n${nonce}\n${path}\n${rawBody}`).digest('hex');
    expect(signed()).toEqual({
      'x-ys-timestamp': timestamp,
      'x-ys-nonce': nonce,
      'x-ys-key-id': newer.id,
      'x-ys-signature': hex,
    });
  });

  test('a body given as bytes as it does the same body as text', () => {
    const chinese = '{"标题":"秋装上新"}';
    const headers = { ...signCallback({ keys: [newer], path, rawBody: chinese, now, nonce }) };
    expect(verify({ headers, rawBody: Buffer.from(chinese) })).toEqual({ nonce, keyId: newer.id });
  });

  test.each([-300, 300])('a clock that is %i seconds away', (seconds) => {
    expect(refusal(after(seconds))).toBe('believed');
  });
});

describe('refuses', () => {
  test.each([
    ['another body', { rawBody: rawBody.replace('succeeded', 'succeedeD') }, 'signature_wrong'],
    ['a body with a space more', { rawBody: `${rawBody} ` }, 'signature_wrong'],
    ['an empty body', { rawBody: '' }, 'signature_wrong'],
    ["another task's path", { path: path.replace('01JD', '01JE') }, 'signature_wrong'],
    ["another step's path", { path: path.replace('/1/', '/2/') }, 'signature_wrong'],
    ['a query that was not signed', { path: `${path}?a=1` }, 'signature_wrong'],
    ['another nonce', withHeader('x-ys-nonce', 'another-nonce-of-some-length'), 'signature_wrong'],
    ['another second', withHeader('x-ys-timestamp', '1795316646'), 'signature_wrong'],
    ['a signature of other letters', withHeader('x-ys-signature', 'a'.repeat(64)), 'signature_wrong'],
    ['a short signature', withHeader('x-ys-signature', signed()['x-ys-signature'].slice(2)), 'signature_wrong'],
    ['upper-case hex', withHeader('x-ys-signature', signed()['x-ys-signature'].toUpperCase()), 'signature_wrong'],
    ['an unknown key', withHeader('x-ys-key-id', 'nobody'), 'key_unknown'],
    ['a timestamp in words', withHeader('x-ys-timestamp', 'now'), 'timestamp_malformed'],
    ['a timestamp with a sign', withHeader('x-ys-timestamp', '+1795316645'), 'timestamp_malformed'],
    ['301 seconds of age', after(301), 'timestamp_stale'],
    ['301 seconds of future', after(-301), 'timestamp_stale'],
    ['a clock that is no time', { now: new Date(Number.NaN) }, 'timestamp_stale'],
    ['a nonce of 15', withHeader('x-ys-nonce', 'n'.repeat(15)), 'nonce_malformed'],
    ['a nonce of 65', withHeader('x-ys-nonce', 'n'.repeat(65)), 'nonce_malformed'],
    ['a nonce that breaks the line', withHeader('x-ys-nonce', 'nonce-of-16-char\n'), 'nonce_malformed'],
    ['a header that is not there', withHeader('x-ys-signature', undefined), 'header_missing'],
    ['an empty header', withHeader('x-ys-nonce', ''), 'header_missing'],
    ['a header sent twice', withHeader('x-ys-nonce', [nonce, nonce]), 'header_missing'],
  ] satisfies [string, Partial<CallbackToVerify>, string][])('%s', (_, changes, reason) => {
    expect(refusal(changes)).toBe(reason);
  });

  test('to sign with a nonce that is too short or a path of two lines', () => {
    const whole = { keys: [newer] as const, path, rawBody, now, nonce };
    expect(() => signCallback({ ...whole, nonce: 'short' })).toThrow(TypeError);
    expect(() => signCallback({ ...whole, path: '/a\n/b' })).toThrow(TypeError);
  });

  test('keys that are too short or share an id, on both sides', () => {
    expect(() => signed([{ id: 'a', secret: 'short' }])).toThrow('shorter than 32');
    expect(() => verify({ keys: [newer, { ...older, id: newer.id }] })).toThrow('share an id');
  });
});

describe('while a secret is replaced', () => {
  test('the first key signs', () => {
    expect(signed([newer, older])['x-ys-key-id']).toBe(newer.id);
  });

  test('both are believed, whatever their order', () => {
    for (const keys of [
      [older, newer],
      [newer, older],
    ] as const) {
      expect(verify({ keys, headers: { ...signed([older]) } }).keyId).toBe(older.id);
      expect(verify({ keys, headers: { ...signed([newer]) } }).keyId).toBe(newer.id);
    }
  });

  test('the old one is refused once it is taken away', () => {
    expect(refusal({ keys: [newer], headers: { ...signed([older]) } })).toBe('key_unknown');
  });

  test("one key's signature under the other's name is refused", () => {
    const headers = { ...signed([older]), 'x-ys-key-id': newer.id };
    expect(refusal({ keys: [newer, older], headers })).toBe('signature_wrong');
  });
});
