import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const data = join(root, '.data');
mkdirSync(data, { recursive: true });
const folder = mkdtempSync(join(data, 'summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('counts what failed, what did not load, what a hook broke and what nobody caught', () => {
  const { lastLine, status } = runVitest({
    'good.test.ts': `test('one', () => {}); test('two', () => {});`,
    'bad.test.ts': `test('fails', () => { throw new Error('no'); });`,
    'does-not-load.test.ts': `throw new Error('not loaded');`,
    'hook.test.ts': `describe('a', () => { beforeAll(() => { throw new Error('hook'); }); test('never runs', () => {}); });`,
    'uncaught.test.ts': `test('passes', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((r) => setTimeout(r, 50)); });`,
  });

  expect(lastLine).toBe('3 passed, 4 failed');
  expect(status).toBe(1);
});

test('exits 0 when everything passed', () => {
  const { lastLine, status } = runVitest({ 'good.test.ts': `test('one', () => {});` });

  expect(lastLine).toBe('1 passed, 0 failed');
  expect(status).toBe(0);
});

function runVitest(files: Readonly<Record<string, string>>): { lastLine: string | undefined; status: number | null } {
  const own = mkdtempSync(join(folder, 'run-'));
  const head = `import { beforeAll, describe, test } from 'vitest';\n`;
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), head + text);
  const summary = join(import.meta.dirname, 'vitest-summary.mjs');
  const config = `import summary from ${JSON.stringify(summary)};\nexport default { test: { reporters: ['default', summary] } };`;
  writeFileSync(join(own, 'vitest.config.mjs'), config);
  const run = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', '--root', own], { encoding: 'utf8' });
  return { lastLine: run.stdout.trimEnd().split('\n').at(-1), status: run.status };
}
