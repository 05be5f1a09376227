import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/report.ts';
import { type } from './typing.ts';

const FAIL = `export async function deduct(db, userId) {
  const user = await db('users').where({ id: userId }).first();
  await db('users').where({ id: userId }).decrement('quota_remaining', 1);
  return user;
}
`;
const suppressed = (text: string): string =>
  FAIL.replace('  await db', `  // billing-guard-ignore ${text}\n  await db`);
const FILES: Readonly<Record<string, string | Buffer>> = {
  'pass/one.ts': 'export const one: number = 1;\n',
  'warn/limits.js': suppressed('BG201: one process, one user').replaceAll('quota_remaining', 'seats'),
  'fail/deduct.js': FAIL,
  'answered/deduct.js': suppressed('BG201: a script that one operator runs alone'),
  'unanswered/deduct.js': suppressed('BG201'),
  'broken/half.ts': 'export function half( {',
  'tests/src/deduct.test.js': FAIL,
  'tests/src/one.js': 'export const one = 1;\n',
  'latin/old.js': Buffer.from([0x2f, 0x2f, 0x20, 0xe9, 0x0a]),
  'binary/zero.js': Buffer.from([0x61, 0x00, 0x62]),
  'empty/package.json': '{}',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guard-check-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  mkdirSync(join(folder, 'huge'));
  writeFileSync(join(folder, 'huge/data.js'), '');
  truncateSync(join(folder, 'huge/data.js'), 9_000_000);
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['pass', [], 0, 'PASS'],
  ['warn', [], 0, 'PASS-WITH-WARNING'],
  ['warn', ['--strict'], 1, 'PASS-WITH-WARNING'],
  ['fail', [], 2, 'FAIL'],
  ['fail/deduct.js', [], 2, 'FAIL'],
  ['answered', ['--strict'], 0, 'PASS'],
  ['unanswered', [], 2, 'FAIL'],
  ['tests', [], 0, 'PASS'],
  ['tests', ['--with-tests'], 2, 'FAIL'],
  ['broken', [], 3, 'UNJUDGED'],
  ['latin', [], 3, 'UNJUDGED'],
  ['binary', [], 3, 'UNJUDGED'],
  ['huge', [], 3, 'UNJUDGED'],
  ['empty', [], 0, 'PASS'],
  ['.', [], 2, 'FAIL'],
])('exits as the verdict of %s %s says: %i', async (path, more, exit, verdict) => {
  const { code, out } = await type(folder, 'check', path, '--format', 'json', ...more);
  expect({ code, verdict: reportSchema.parse(JSON.parse(out)).verdict }).toEqual({ code: exit, verdict });
});

it('lists what was answered for, with the reason', async () => {
  const { out } = await type(folder, 'check', 'answered');
  expect(out).toContain('FAIL BG201 answered/deduct.js:4:9: a script that one operator runs alone');
});

it('names files as somebody would who stands where the command is run', async () => {
  const { out } = await type(folder, 'check', 'fail', '--format', 'github');
  expect(out).toContain('file=fail/deduct.js,line=3');
});

it.each([
  ['a path that is not there', ['check', 'nowhere'], 'nowhere'],
  ['no path', ['check'], 'name one folder or file'],
  ['two paths', ['check', 'pass', 'fail'], 'name one folder or file'],
])('answers %s, and exits 3', async (_what, argv, message) => {
  const { code, err } = await type(folder, ...argv);
  expect(code).toBe(3);
  expect(err).toContain(message);
});
