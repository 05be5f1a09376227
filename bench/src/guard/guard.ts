import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { median } from '../measure.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CLI = join(ROOT, 'packages/guard/bin/billing-guard.mjs');
const BARE = join(import.meta.dirname, 'parse-main.ts');
const FILES = 1_000;
/** Each process tells what it took when it ends. */
const TELL = `process.on('exit', () => process.stderr.write(JSON.stringify(process.resourceUsage()) + '\\n'))`;
const usage = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });

/** `billing-guard check` as it is built, over a thousand files of ours, beside bare parsing of the same files. */
export async function benchGuard(rounds: number): Promise<void> {
  execFileSync('pnpm', ['exec', 'turbo', 'build', '--filter=@yunshang/guard...', '--output-logs=errors-only'], {
    cwd: ROOT,
  });
  const tree = mkdtempSync(join(tmpdir(), 'bench-guard-'));
  try {
    const files = plant(tree);
    const guard = Array.from({ length: rounds }, () => take([CLI, 'check', tree]));
    const bare = Array.from({ length: rounds }, () => take([BARE, tree]));
    const [ours, floor] = [guard, bare].map((all) => median(all.map(({ seconds }) => seconds)));
    console.table({
      'billing-guard check': { 'CPU s': ours, MB: median(guard.map(({ megabytes }) => megabytes)) },
      'bare parsing': { 'CPU s': floor, MB: median(bare.map(({ megabytes }) => megabytes)) },
    });
    console.log(
      `${files} files, ${rounds} rounds, ${availableParallelism()} cores; ratio ${((ours ?? 0) / (floor ?? 1)).toFixed(1)}`,
    );
  } finally {
    rmSync(tree, { recursive: true });
  }
}

/** Tracked sources, as often as it takes; each time as packages of their own. */
function plant(tree: string): number {
  const tracked = execFileSync('git', ['ls-files', 'apps', 'packages'], { cwd: ROOT, encoding: 'utf8' });
  const names = tracked
    .split('\n')
    .filter((name) => /\/src\/.*(?<!\.test)\.ts$|^packages\/\w+\/package\.json$/.test(name));
  for (let count = 0; count < FILES; count += 1)
    cpSync(
      join(ROOT, names[count % names.length] ?? ''),
      join(tree, `copy-${Math.floor(count / names.length)}`, names[count % names.length] ?? ''),
    );
  return FILES;
}

function take(args: readonly string[]): { seconds: number; megabytes: number } {
  const { stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, ...args],
    {
      encoding: 'utf8',
      maxBuffer: 1e8,
    },
  );
  const { userCPUTime, systemCPUTime, maxRSS } = usage.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''));
  return { seconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: Math.round(maxRSS / 1024) };
}
