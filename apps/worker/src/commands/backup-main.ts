import { tmpdir } from 'node:os';
import { makeBackup } from '@yunshang/backup';
import { placeOf } from './backup-place.ts';
import { readBackupConfig } from './config.ts';
import { progressLine } from './progress-line.ts';

/** 0: it is made, whole and in its place. 2: it is not, and nothing was removed. */
async function main(): Promise<void> {
  if (process.argv.length > 2) throw new Error('usage: pnpm backup');
  const config = readBackupConfig();
  const { databaseUrl, keys, folder, keep } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is missing');
  const progress = progressLine();
  const startedMs = performance.now();
  const { manifest, removed } = await makeBackup(
    { databaseUrl, key: keys[0], workFolder: folder ?? tmpdir(), place: placeOf(config), keep },
    (table, rows) => progress.show(`${table} ${rows}`),
  ).finally(() => progress.clear());
  const rows = Object.values(manifest.rows).reduce((sum, each) => sum + each, 0);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`已备份 ${manifest.name}: ${rows} rows, ${manifest.bytes} bytes, ${seconds} s`);
  for (const name of removed) console.log(`已清理 removed ${name}`);
}

try {
  await main();
} catch (error) {
  console.error(`backup: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 2;
}
