import { expect, test } from 'vitest';
import { GRACE_MS, judgeRefresh, readableUserAgent } from './session.ts';
import { deriveRefreshToken, readRefreshToken } from './refresh-token.ts';

const sessionId = '01JZZZZZZZZZZZZZZZZZZZZZZZ';
const a = { id: 'a', secret: Buffer.alloc(32, 1) };
const b = { id: 'b', secret: Buffer.alloc(32, 2) };

test('a refresh token is derived: the same claim gives the same token', () => {
  const token = deriveRefreshToken([a], { sessionId, generation: 3 });
  expect(token).toBe(deriveRefreshToken([a], { sessionId, generation: 3 }));
  expect(readRefreshToken([a], token)).toEqual({ sessionId, generation: 3 });
});

test('after a change of keys the old token reads and the next is made with the new key', () => {
  const token = deriveRefreshToken([a], { sessionId, generation: 3 });
  expect(readRefreshToken([b, a], token)).toEqual({ sessionId, generation: 3 });
  expect(readRefreshToken([b], token)).toBeUndefined();
  expect(deriveRefreshToken([b, a], { sessionId, generation: 4 })).toContain('_4_b_');
});

test('another generation, session, key id, mac or spelling is not ours', () => {
  const token = deriveRefreshToken([a], { sessionId, generation: 3 });
  for (const forged of [
    token.replace('_3_', '_4_'),
    token.replace('_3_', '_03_'),
    token.replace(sessionId, '01JZZZZZZZZZZZZZZZZZZZZZZY'),
    token.replace('_a_', '_b_'),
    `${token.slice(0, -2)}AA`,
    `${token}A`,
    ` ${token}`,
    '',
  ])
    expect(readRefreshToken([a, b], forged)).toBeUndefined();
});

test('the newest token rotates, the one before repeats for 30 s, anything else is reuse', () => {
  const rotatedAt = new Date('2026-01-15T04:00:00Z');
  const session = {
    generation: 5,
    rotated_at: rotatedAt,
    expires_at: new Date('2026-02-14T04:00:00Z'),
    ended_at: null,
  };
  const after = (ms: number): Date => new Date(rotatedAt.getTime() + ms);
  expect(judgeRefresh(session, 5, after(86_400_000))).toBe('rotate');
  expect(judgeRefresh(session, 4, after(GRACE_MS))).toBe('repeat');
  expect(judgeRefresh(session, 4, after(GRACE_MS + 1))).toBe('reused');
  expect(judgeRefresh(session, 3, after(1))).toBe('reused');
  expect(judgeRefresh(session, 6, after(1))).toBe('reused');
  expect(judgeRefresh(session, 5, session.expires_at)).toBe('over');
  expect(judgeRefresh({ ...session, ended_at: rotatedAt }, 5, after(1))).toBe('over');
});

test('a user agent becomes one line of at most 200 characters', () => {
  expect(readableUserAgent(' Mozilla\r\n\tX\0 ')).toBe('Mozilla X');
  expect(Array.from(readableUserAgent('😀'.repeat(300)))).toHaveLength(200);
});
