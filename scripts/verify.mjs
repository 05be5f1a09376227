#!/usr/bin/env node
// Every check there is; CI runs this. node scripts/verify.mjs [name …] runs some of them.
// The last line is `N passed, N failed`: the tests' own counts plus one for each other check.
import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnGuarded } from '../packages/devstack/src/guarded-process.ts';

const root = join(import.meta.dirname, '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const script = (name, ...args) => [process.execPath, '--conditions=yunshang-src', join(root, name), ...args];

const ELSEWHERE = ['@yunshang/sdk', '@yunshang/e2e', './functions/*'];

/** Looked at two at a time. `mend` is what to type. */
const checks = [
  { name: 'format', command: [bin('oxfmt'), '--check', '.'], mend: 'pnpm format' },
  { name: 'lint', command: [bin('oxlint'), '--deny-warnings'], mend: 'pnpm lint' },
  { name: 'boundaries', command: script('scripts/boundaries.mjs'), mend: 'pnpm boundaries' },
  { name: 'types', command: [bin('tsc'), '--noEmit'], mend: 'pnpm exec tsc --noEmit' },
  // Rooms with libraries of their own: the browser's, or those of a cloud function's older Node.
  {
    name: 'types elsewhere',
    command: [bin('turbo'), 'typecheck', '--output-logs=errors-only', ...ELSEWHERE.map((room) => `--filter=${room}`)],
    mend: 'pnpm typecheck',
  },
  {
    name: 'billing guard',
    command: script('packages/guard/src/cli/main.ts', 'check', '.'),
    mend: 'pnpm guard check .',
  },
  {
    name: 'first day',
    command: script('packages/guard/src/cli/main.ts', 'config', '--seeds'),
    mend: 'pnpm guard config --seeds',
  },
  { name: 'dead code', command: [bin('knip'), '--no-config-hints'], mend: 'pnpm knip' },
];
const tests = { name: 'tests', command: [bin('vitest'), 'run'], mend: 'pnpm test' };
/** What the two servers could see differently: schema, invariants, the ledger, the chain, backups. `pnpm test:mysql` runs everything. */
const SEEN_BY_SERVERS = [
  'db/test',
  'guard/test/database',
  'guard/test/doctor',
  'billing/test/quota',
  'audit/test',
  'backup/test',
];
const onMysql = {
  name: 'tests on MySQL',
  command: [bin('vitest'), 'run', ...SEEN_BY_SERVERS.map((folder) => `packages/${folder}`)],
  env: { DATABASE_SERVER: 'mysql' },
  mend: 'pnpm test:mysql',
};

const known = [...checks, tests, onMysql].map(({ name }) => name);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`verify: no check called ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}
const isWanted = ({ name }) => wanted.length === 0 || wanted.includes(name);

const logs = mkdtempSync(join(tmpdir(), 'ys-verify-'));
const running = new Set();
const total = { passed: 0, failed: 0 };
const toMend = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stopAll());

const queue = checks.filter(isWanted);
await Promise.all([lane(), lane()]);
if (isWanted(tests)) await runTests(tests);
if (isWanted(onMysql) && (await hasMysql())) await runTests(onMysql);
rmSync(logs, { recursive: true, force: true });

if (toMend.length > 0) console.log(`\nto see one alone: ${toMend.join(', ')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function lane() {
  for (let check = queue.shift(); check; check = queue.shift()) await runCheck(check);
}

async function runCheck({ name, command, mend }) {
  const { code, output, seconds } = await run(name, command);
  note(name, code === 0, seconds, mend);
  if (code === 0) total.passed += 1;
  else {
    total.failed += 1;
    console.log(output.trimEnd().replaceAll(/^/gm, '    '));
  }
}

/** Tests are many results, not one; a run that ends badly without naming a failed test counts as one more. */
async function runTests({ name, command, env, mend }) {
  const { code, output, seconds } = await run(name, command, { env, isLive: true });
  const counts = output.match(/^(\d+) passed, (\d+) failed$/gm)?.at(-1) ?? '0 passed, 0 failed';
  const [passed = 0, failed = 0] = counts.match(/\d+/g)?.map(Number) ?? [];
  total.passed += passed;
  total.failed += code !== 0 && failed === 0 ? 1 : failed;
  note(name, code === 0 && failed === 0, seconds, mend);
}

/** Not every machine can have a MySQL beside MariaDB, and none is needed for developing. */
async function hasMysql() {
  const { code, output } = await run('MySQL', [join(root, 'bin/setup'), '--mysql']);
  if (code !== 0) console.log(`skipped ${onMysql.name}: ${output.trim().split('\n').at(-1)}`);
  return code === 0;
}

function note(name, ok, seconds, mend) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`);
  if (!ok) toMend.push(mend);
}

/** Runs under a guard: nothing of it goes on when we are killed. */
async function run(name, [command, ...args], { env: extra = {}, isLive = false } = {}) {
  const from = performance.now();
  const logFile = join(logs, `${name.replaceAll(' ', '-')}.log`);
  const env = isLive && process.stdout.isTTY ? { ...extra, FORCE_COLOR: '1' } : extra;
  const child = await spawnGuarded({ command, args, cwd: root, env, logFile });
  running.add(child);
  const follow = isLive ? followFile(logFile) : undefined;
  const code = await child.exited();
  follow?.stop();
  running.delete(child);
  return { code, output: readFileSync(logFile, 'utf8'), seconds: (performance.now() - from) / 1000 };
}

/** Prints what is added to the file while the check runs. */
function followFile(file) {
  let shown = 0;
  const show = () => {
    const text = readFileSync(file);
    process.stdout.write(text.subarray(shown));
    shown = text.length;
  };
  const timer = setInterval(show, 200);
  return {
    stop: () => {
      clearInterval(timer);
      show();
    },
  };
}

async function stopAll() {
  await Promise.all([...running].map((child) => child.stop()));
  rmSync(logs, { recursive: true, force: true });
  process.exit(1);
}
