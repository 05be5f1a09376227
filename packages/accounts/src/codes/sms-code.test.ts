import { expect, test } from 'vitest';
import { hashCode, judgeGuess, newCode } from './sms-code.ts';

const codeKey = Buffer.alloc(32, 1);
const phoneIndex = Buffer.alloc(32, 2);
const id = '01JZZZZZZZZZZZZZZZZZZZZZZZ';
const now = new Date('2026-01-15T04:00:00Z');
const hash = (digits: string, of = id): Buffer => hashCode(codeKey, { id: of, phoneIndex, digits });
const stored = (tries: number, expiresAt = '2026-01-15T04:05:00Z') => ({
  id,
  code_hash: hash('123456'),
  tries,
  expires_at: new Date(expiresAt),
});

test('a code has six digits', () => {
  for (let i = 0; i < 200; i += 1) expect(newCode()).toMatch(/^\d{6}$/);
});

test('the same digits hash differently for another row, phone or key', () => {
  expect(hash('123456')).toEqual(hash('123456'));
  expect(hash('123456', '01JZZZZZZZZZZZZZZZZZZZZZZY')).not.toEqual(hash('123456'));
  expect(hashCode(codeKey, { id, phoneIndex: Buffer.alloc(32, 3), digits: '123456' })).not.toEqual(hash('123456'));
  expect(hashCode(Buffer.alloc(32, 4), { id, phoneIndex, digits: '123456' })).not.toEqual(hash('123456'));
});

test('the fifth wrong guess spends the code, and then the right one is void', () => {
  expect(judgeGuess(stored(3), hash('000000'), now)).toEqual({ kind: 'wrong', tries: 4, spent: false });
  expect(judgeGuess(stored(4), hash('000000'), now)).toEqual({ kind: 'wrong', tries: 5, spent: true });
  expect(judgeGuess(stored(4), hash('123456'), now)).toEqual({ kind: 'right' });
  expect(judgeGuess(stored(5), hash('123456'), now)).toEqual({ kind: 'void' });
});

test('a code is void from the moment it expires', () => {
  expect(judgeGuess(stored(0, '2026-01-15T04:00:00.001Z'), hash('123456'), now)).toEqual({ kind: 'right' });
  expect(judgeGuess(stored(0, '2026-01-15T04:00:00.000Z'), hash('123456'), now)).toEqual({ kind: 'void' });
});
