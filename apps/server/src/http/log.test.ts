import { describe, expect, it } from 'vitest';
import { createLog, redactFields, redactText } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog({ level: 'trace' }, { write: (line) => void lines.push(line) }));
  return lines.join('');
}

describe('running text', () => {
  it.each([
    ['call +8613800138000 now', 'call [phone] now'],
    ['13800138000', '[phone]'],
    ['GET https://x.cn/a/b?sign=abc&x=1 failed', 'GET https://x.cn/a/b?[redacted] failed'],
    ['/api/quota?limit=3', '/api/quota?[redacted]'],
    ['Bearer abc.def', 'Bearer [token]'],
    ['token eyJhbGciOi.eyJzdWIi.c2ln here', 'token [token] here'],
    ['order 4200000451201911032334502019 and 1763778612345', 'order 4200000451201911032334502019 and 1763778612345'],
    ['task 01KANXGQ0013800138000000ZZ', 'task 01KANXGQ0013800138000000ZZ'],
  ])('%s becomes %s', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });
});

describe('fields', () => {
  it('lose what their name calls secret, at any depth, and codes that are only digits', () => {
    const fields = {
      headers: { authorization: 'Bearer x', 'Set-Cookie': ['a=b'], 'idempotency-key': 'k' },
      input: [{ phone: '123', code: '123456', smsCode: 'x' }],
      code: 'QUOTA_INSUFFICIENT',
      refreshToken: 'abc',
      apiV3Key: 'abc',
      merchantPrivateKeyPem: '-----BEGIN',
      status: 200,
      userId: '01KANXGQ0000000000000000ZZ',
    };
    expect(redactFields(fields)).toEqual({
      headers: { authorization: '[redacted]', 'Set-Cookie': '[redacted]', 'idempotency-key': '[redacted]' },
      input: [{ phone: '[redacted]', code: '[redacted]', smsCode: '[redacted]' }],
      code: 'QUOTA_INSUFFICIENT',
      refreshToken: '[redacted]',
      apiV3Key: '[redacted]',
      merchantPrivateKeyPem: '[redacted]',
      status: 200,
      userId: '01KANXGQ0000000000000000ZZ',
    });
  });
});

describe('errors', () => {
  it('keep type, code, place and cause, and lose statement and values', () => {
    const database = Object.assign(new Error("Duplicate entry '13800138000' for key 'x'"), {
      errno: 1062,
      code: 'ER_DUP_ENTRY',
      sqlState: '23000',
      sql: "INSERT INTO users VALUES ('13800138000')",
    });
    const text = logged((log) => log.error({ err: new Error('of 13800138000', { cause: database }) }, 'failed'));
    expect(text).not.toContain('13800138000');
    expect(text).not.toContain('INSERT');
    expect(text).toContain('ER_DUP_ENTRY');
    expect(text).toContain('log.test.ts');
  });

  it('are redacted also when logged bare, or in the line itself', () => {
    const text = logged((log) => {
      log.error(new Error('for 13800138000'));
      log.warn('sent to 13800138000');
      log.info({ a: 1 }, 'sent to +8613800138000');
      log.child({ requestId: 'r' }).info({ token: 'abc' }, 'child');
    });
    expect(text.split('\n').filter(Boolean)).toHaveLength(4);
    expect(text).not.toMatch(/1380013|abc/);
    expect(text).toContain('"requestId":"r"');
  });
});
