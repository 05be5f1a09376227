import { expect, it } from 'vitest';
import { checkSources } from '../../src/code/check-sources.ts';
import type { Report } from '../../src/report/report.ts';

function check(texts: Readonly<Record<string, string>>): Report {
  return checkSources(Object.entries(texts).map(([path, text]) => ({ path, text })));
}

const UNLOCKED =
  "const user = await db('users').where({ id }).first();\nawait db('users').where({ id }).decrement('quota_remaining', 1);";

it.each([
  ['a syntax error', 'export function f( {', 'does not parse'],
  ['five megabytes', `export const data = [\n${'  "0123456789",\n'.repeat(330_000)}];`, 'larger than'],
  ['brackets without end', `export const deep = ${'('.repeat(20_000)}1${')'.repeat(20_000)};`, 'nested more than'],
  ['a sum of ten thousand', `export const sum = ${'a + '.repeat(10_000)}1;`, 'nested'],
  ['a chain of ten thousand calls', `export const chain = start${'.next()'.repeat(10_000)};`, 'nested'],
  ['five thousand else-ifs', `export function f(x) { ${'if (x) { g(); } else '.repeat(5_000)} { g(); } }`, 'nested'],
  ['two thousand templates in each other', `export const t = ${'`${'.repeat(2_000)}1${'}`'.repeat(2_000)};`, 'nested'],
])('says of %s that it could not be judged', (_what, text, reason) => {
  const report = check({ 'src/hostile.js': text, 'src/good.js': 'export const one = 1;\n' });
  expect(report.verdict).toBe('UNJUDGED');
  expect(report.unjudged).toHaveLength(1);
  expect(report.unjudged[0]).toMatchObject({ where: { file: 'src/hostile.js' } });
  expect(report.unjudged[0]?.reason.en).toContain(reason);
});

it('finds what is bad beside a file that could not be judged', () => {
  const report = check({
    'src/broken.ts': 'const = ;',
    'src/bad.js': `export async function spend(db, id) {\n${UNLOCKED}\n}`,
  });
  expect(report.verdict).toBe('FAIL');
  expect(report.unjudged).toHaveLength(1);
});

it('follows files that import each other and themselves', () => {
  const report = check({
    'src/a.js':
      "export * from './b.js';\nexport * from './a.js';\nimport { spend } from './b.js';\nexport const again = (id) => spend(id);\n",
    'src/b.js': `import { again } from './a.js';\nimport { db } from './db.js';\nexport async function spend(id) {\n${UNLOCKED}\nawait again(id);\n}`,
    'src/db.js': "export { db } from './db.js';\n",
    'src/c.cjs': "const d = require('./d.cjs');\nmodule.exports = { ...d, d };\n",
    'src/d.cjs': "const c = require('./c.cjs');\nmodule.exports = { ...c, c };\n",
  });
  expect(report.findings.map(({ ruleId }) => ruleId)).toEqual(['BG201']);
});

it('follows properties that are named after what they call', () => {
  const report = check({
    'src/row.js':
      'export const before = (row) => ({ wasChanged: row.wasChanged("a"), isShown: other(row).isShown() });\n',
    'src/use.js': `export async function spend(db, id, row) {\nif (row.wasChanged('b') && row.isShown()) {\n${UNLOCKED}\n}\n}`,
  });
  expect(report.unjudged).toEqual([]);
  expect(report.findings.map(({ ruleId }) => ruleId)).toEqual(['BG201']);
});

const FUNCTIONS = Array.from({ length: 400 }, (_each, index) => index);
const SPACES = ' '.repeat(200_000);
it.each([
  [
    'functions that all call each other',
    FUNCTIONS.map(
      (n) =>
        `export async function f${n}(id, x) { if (x) await f${(n + 1) % 400}(id); await f${(n * 7) % 400}(id); await f${(n * 11) % 400}(id); ${n === 9 ? UNLOCKED : ''} }`,
    ).join('\n'),
  ],
  [
    'each function twice the next',
    FUNCTIONS.map((n) => `async function g${n}(id) { await g${n + 1}(id); await g${n + 1}(id); }`).join('\n') +
      `\nexport async function g400(id) { ${UNLOCKED} }\nexport const start = g0;`,
  ],
  [
    'a long statement',
    `export async function spend(db, id) { await db.query("UPDATE users SET ${'a = a + 1, '.repeat(5_000)} quota_remaining = quota_remaining - 1 WHERE id = " + id); }`,
  ],
  [
    'a statement of spaces',
    `export async function spend(db, id) { await db.query("UPDATE${SPACES}users${SPACES}SET quota_remaining = quota_remaining - 1${SPACES}WHERE id = 1"); ${UNLOCKED} }`,
  ],
  [
    'a suppression of spaces',
    `// billing-guard-ignore${SPACES}BG201,${SPACES}\nexport async function spend(db, id) { ${UNLOCKED} }`,
  ],
  [
    'an expression that never ends to match',
    `export const slow = /^(a+)+$/;\nexport async function spend(db, id) { if (slow.test('${'a'.repeat(50_000)}!')) return; ${UNLOCKED} }`,
  ],
  ['names without end', `export async function spend(db, id) { const ${'quota_'.repeat(20_000)} = 1; ${UNLOCKED} }`],
])('comes to an end with %s', (_what, text) => {
  const from = performance.now();
  const report = check({ 'src/hostile.js': `const db = require('knex')({});\n${text}` });
  expect(['FAIL', 'UNJUDGED']).toContain(report.verdict);
  expect(performance.now() - from).toBeLessThan(10_000);
});
