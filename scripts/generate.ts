// Makes every generated file anew: table types, the guard's manifest of the schema, the SDK's contract and form checks,
// the facts on error pages, the pages of the guard's rules.
// usage: pnpm generate
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createDatabase, startServices } from '@yunshang/devstack';

const root = join(import.meta.dirname, '..');

function run(what: string, folder: string, args: string[]): void {
  const { status } = spawnSync(process.execPath, ['--conditions=yunshang-src', ...args], {
    cwd: join(root, folder),
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${what} could not be made; see above`);
  console.log(`made: ${what}`);
}

const services = await startServices();
try {
  const { databaseUrl } = await createDatabase(services, 'schema');
  run('the tables', 'packages/db', ['src/main.ts', databaseUrl]);
  run('packages/db/src/schema.gen.ts', 'packages/db', ['scripts/generate-schema.ts', databaseUrl]);
  run('packages/guard/src/database/manifest.gen.ts', 'packages/guard', ['scripts/generate-manifest.ts', databaseUrl]);
} finally {
  await services.stop();
}
run('packages/sdk/src/contract.gen.ts', 'packages/sdk', ['scripts/gen-contract.ts']);
run('packages/sdk/src/forms.gen.ts', 'packages/sdk', ['scripts/gen-forms.ts']);
run('the facts of docs/errors', '.', ['scripts/error-pages.ts']);
run('docs/guard', '.', ['scripts/guard-pages.ts']);
