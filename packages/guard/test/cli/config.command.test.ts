import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportSchema } from '../../src/report/report.ts';
import { type } from './typing.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guard-config-'));
  const files = {
    'pass.json': '{ "featureId": "f", "category": "image", "quotaCost": 1 }',
    'warn.json': '{ "featureId": "f", "category": "image", "quotaCost": 1, "rateLimitPolicy": null }',
    'fail.json': '{ "featureId": "f", "category": "image", "quotaCost": 0 }',
    'broken.json': '{ "featureId": ',
    'other.json': '{ "colour": "blue" }',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['pass.json', [], 0, 'PASS'],
  ['warn.json', [], 0, 'PASS-WITH-WARNING'],
  ['warn.json', ['--strict'], 1, 'PASS-WITH-WARNING'],
  ['fail.json', [], 2, 'FAIL'],
  ['broken.json', [], 3, 'UNJUDGED'],
  ['other.json', [], 3, 'UNJUDGED'],
  ['missing.json', [], 3, 'UNJUDGED'],
])('exits as the verdict of %s %s says: %i', async (file, more, exit, verdict) => {
  const { code, out } = await type(folder, 'config', '--file', file, '--format', 'json', ...more);
  expect(code).toBe(exit);
  expect(reportSchema.parse(JSON.parse(out)).verdict).toBe(verdict);
});

const print = async (format: string) => (await type(folder, 'config', '--file', 'fail.json', '--format', format)).out;
it('prints for people, for code scanning and for a pull request', async () => {
  expect(await print('text')).toContain('FAIL BG111 免费功能必须经两人审批');
  expect(JSON.parse(await print('sarif'))).toMatchObject({
    version: '2.1.0',
    runs: [{ results: [{ ruleId: 'BG111' }] }],
  });
  expect(await print('github')).toContain('::error title=BG111');
});

it.each([
  ['no source', ['config'], 'name one of --file, --database and --seeds'],
  ['two sources', ['config', '--file', 'pass.json', '--seeds'], 'name one of --file, --database and --seeds'],
  [
    'a format that is not there',
    ['config', '--seeds', '--format', 'xml'],
    '--format is one of text, json, sarif, github, not xml',
  ],
  ['a database that is none', ['config', '--database', 'postgres://x/y'], 'a database URL begins with mysql://'],
])('answers %s with what to type, and exits 3', async (_what, argv, message) => {
  const { code, err } = await type(folder, ...argv);
  expect(code).toBe(3);
  expect(err).toContain(message);
});
