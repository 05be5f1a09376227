import { AppError } from '@yunshang/contracts';
import { expect, it } from 'vitest';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): { text: string; line: Record<string, unknown> } {
  let text = '';
  write(createLog({ level: 'info' }, { write: (line: string) => void (text += line) }));
  return { text, line: JSON.parse(text) };
}

it('takes secrets out of fields, also one and two levels down', () => {
  const { text } = logged((log) =>
    log.info({ phone: '+8613800138000', session: { token: 't0p', keys: { secretKey: 's3cret' } } }, 'hello'),
  );
  expect(text).toContain('[redacted]');
  expect(text).not.toMatch(/13800138000|t0p|s3cret/);
});

it('says an error by its code, its causes and its frames, without phones, tokens or the queries of addresses', () => {
  const cause = new Error('GET https://cos.example/u/1.png?q-signature=abc failed for +8613800138000, Bearer abc.def');
  const { text, line } = logged((log) =>
    log.error({ err: new AppError('STORAGE_UNAVAILABLE', {}, { cause }) }, 'job failed'),
  );
  expect(line['err']).toMatchObject({ type: 'AppError', code: 'STORAGE_UNAVAILABLE', cause: { type: 'Error' } });
  expect(text).toContain('log.test.ts');
  expect(text).not.toMatch(/q-signature|13800138000|abc\.def/);
});

it('says nothing of a database error but its number and code', () => {
  const error = Object.assign(new Error("Duplicate entry '+8613800138000' for key 'uq'"), {
    errno: 1062,
    code: 'ER_DUP_ENTRY',
    sqlState: '23000',
    sql: "INSERT INTO users VALUES ('+8613800138000')",
  });
  const { text, line } = logged((log) => log.warn({ err: new Error('outer', { cause: error }) }, 'failed'));
  expect(line['err']).toMatchObject({ cause: { code: 'ER_DUP_ENTRY', message: 'database error' } });
  expect(text).not.toMatch(/13800138000|INSERT/);
});

it('cleans an error that is logged bare', () => {
  const { text } = logged((log) => log.error(new Error('code for 13800138000')));
  expect(text).not.toContain('13800138000');
});
