import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Workspace } from '../../src/code/workspace/workspace.ts';
import plugin from '../../src/lint/plugin.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const PLUGIN = join(import.meta.dirname, '..', '..', 'src', 'lint', 'plugin.ts');

/** Takes a unit from a row that its caller has locked. */
const TAKE = `export async function take(trx, userId) {
  await trx('users').where({ id: userId }).decrement('quota_remaining', 1);
}
`;
const SPEND = `import { db } from './db.js';
import { take } from './take.js';

export async function spend(userId) {
  await db.transaction(async (trx) => {
    const user = await trx('users').where({ id: userId }).forUpdate().first();
    if (user.quota_remaining < 1) throw new Error('not enough');
    await take(trx, userId);
    await trx('quota_logs').insert({ user_id: userId, type: 'consume', amount: -1 });
  });
}
`;
const FILES = {
  'package.json': '{ "name": "shop", "type": "module" }',
  'src/db.js': "import knex from 'knex';\nexport const db = knex({ client: 'mysql2' });\n",
  'src/take.js': TAKE,
  'src/spend.js': SPEND,
  'src/plain.js': `import { db } from './db.js';

export async function deduct(userId) {
  const user = await db('users').where({ id: userId }).first();
  await db('users').where({ id: userId }).decrement('quota_remaining', 1);
  return user;
}
`,
  'src/typed.ts': `import { db } from './db.js';

export async function deduct(userId: string): Promise<void> {
  await db('users').where({ id: userId }).decrement('quota_remaining', 1);
}
`,
};

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guard-lint-'));
  mkdirSync(at('src'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(at(name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('runs under ESLint: a lock taken in another file counts', async () => {
  const eslint = new ESLint({ cwd: folder, overrideConfigFile: true, overrideConfig: [plugin.configs.recommended] });
  const results = await eslint.lintFiles('src/**/*.js');
  const found = results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, line, severity }) => [filePath, ruleId, line, severity]),
  );
  expect(found).toEqual([[at('src/plain.js'), 'billing-guard/BG201', 5, 2]]);
});

it('runs under oxlint, TypeScript too', () => {
  const rules = { 'billing-guard/BG201': 'error', 'billing-guard/BG202': 'error' };
  const config = {
    jsPlugins: [{ name: 'billing-guard', specifier: PLUGIN }],
    categories: { correctness: 'off' },
    rules,
  };
  writeFileSync(at('.oxlintrc.json'), JSON.stringify(config));
  const { diagnostics } = oxlintReport.parse(JSON.parse(oxlint('--format', 'json', 'src')));
  const found = diagnostics.map(({ filename, code, labels }) => `${filename}:${labels[0]?.span.line} ${code}`);
  expect(found.toSorted()).toEqual(['src/plain.js:5 billing-guard(BG201)', 'src/typed.ts:4 billing-guard(BG201)']);
});

const oxlintReport = z.object({
  diagnostics: z.array(
    z.object({
      filename: z.string(),
      code: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.int() }) })),
    }),
  ),
});

function oxlint(...args: string[]): string {
  const env = { ...process.env, NODE_OPTIONS: '--conditions=yunshang-src' };
  try {
    return execFileSync(join(ROOT, 'node_modules/.bin/oxlint'), args, { cwd: folder, env, encoding: 'utf8' });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  }
}

it('judges again what a change leads to, unsaved or on the disk', () => {
  const workspace = new Workspace(folder);
  const rulesIn = (name: string, text: string) => workspace.judge(at(name), text).map(({ ruleId }) => ruleId);
  expect(rulesIn('src/take.js', TAKE)).toEqual([]);
  expect(rulesIn('src/spend.js', SPEND)).toEqual([]);
  const unlocked = SPEND.replace('.forUpdate()', '');
  rulesIn('src/spend.js', unlocked);
  expect(rulesIn('src/take.js', TAKE)).toEqual(['BG202']);
  rulesIn('src/spend.js', SPEND);
  expect(rulesIn('src/take.js', TAKE)).toEqual([]);
  // Who calls it is still known when it is what changes.
  expect(rulesIn('src/take.js', `// a unit\n${TAKE}`)).toEqual([]);
  rulesIn('src/take.js', TAKE);
  expect(rulesIn('src/spend.js', 'export async function spend( {')).toEqual([]);
  expect(rulesIn('src/spend.test.js', unlocked)).toEqual([]);
  expect(rulesIn('../elsewhere.js', unlocked)).toEqual([]);
});
