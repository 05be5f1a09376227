// Packs the SDK, installs it in a fresh folder and uses it as a stranger would: strict, without skipLibCheck, in Node.
// Needs the registry, so it is no part of the tests: pnpm --filter @yunshang/sdk package:check
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sdk = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'sdk-consumer-'));
const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const CONSUMER = `
import { createYunshang, isYunshangError, type Task } from '@yunshang/sdk';
const ys = createYunshang({ baseUrl: 'http://127.0.0.1:1', storage: { get: () => null, set: () => {}, remove: () => {} } });
try {
  const task: Task = await ys.tasks.get('01KANXGQ0000000000000000ZZ');
  const status: 'pending' | 'processing' | 'succeeded' | 'failed' | 'cancelled' = task.status;
  console.log(status);
} catch (error) {
  if (!isYunshangError(error, 'NETWORK_ERROR')) throw error;
  console.log('rejects with', error.code, error.details.issues?.[0]?.field ?? '');
}
console.log('checks forms:', ys.features.check({ fields: [] }, { x: 1 }).map(({ rule }) => rule).join());
// @ts-expect-error -- there is no such method
ys.tasks.destroy;
`;

const base = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, target: 'es2022', noEmit: true };
const PROJECTS = {
  'nodenext without Node types': { ...base, module: 'nodenext', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  'bundler without Node types': {
    ...base,
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    types: [],
  },
};

try {
  run('pnpm', ['build'], sdk);
  run('pnpm', ['pack', '--pack-destination', folder], sdk);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '';
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`, 'typescript'], folder);
  writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
  for (const [name, compilerOptions] of Object.entries(PROJECTS)) {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    run(join(folder, 'node_modules', '.bin', 'tsc'), ['-p', '.'], folder);
    console.log(`typechecks: ${name}`);
  }
  console.log(run(process.execPath, ['consumer.ts'], folder).trim());
} finally {
  rmSync(folder, { recursive: true });
}
