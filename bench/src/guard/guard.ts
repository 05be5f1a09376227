import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** `billing-guard check` as it is built, over a thousand files of ours, beside bare parsing of the same files; each kept to one core. */
export async function benchGuard(rounds: number): Promise<void> {
  execFileSync('pnpm', ['exec', 'turbo', 'build', '--filter=@yunshang/guard...', '--output-logs=errors-only'], {
    cwd: ROOT,
  });
  const tree = mkdtempSync(join(tmpdir(), 'bench-guard-'));
  try {
    const files = plant(tree);
    const guard = Array.from({ length: rounds }, () => take([CLI, 'check', tree]));
    const bare = Array.from({ length: rounds }, () => take([BARE, tree]));
    const [ours, floor] = [guard, bare].map((all) => ({
      s: round(median(all.map(({ wall }) => wall))),
      'CPU s': round(median(all.map(({ cpu }) => cpu))),
      MB: median(all.map(({ megabytes }) => megabytes)),
    }));
    console.table({ 'billing-guard check': ours, 'bare parsing': floor });
    console.log(`${files} files, ${rounds} rounds; ratio ${((ours?.s ?? 0) / (floor?.s ?? 1)).toFixed(1)}`);
  } finally {
    rmSync(tree, { recursive: true });
  }
}

function round(seconds: number): number {
  return Number(seconds.toFixed(2));
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

function take(args: readonly string[]): { wall: number; cpu: number; megabytes: number } {
  const told = ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, ...args];
  const begun = performance.now();
  const { stderr } = spawnSync('taskset', ['--cpu-list', '0', process.execPath, ...told], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const wall = (performance.now() - begun) / 1_000;
  const { userCPUTime, systemCPUTime, maxRSS } = usage.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''));
  return { wall, cpu: (userCPUTime + systemCPUTime) / 1e6, megabytes: Math.round(maxRSS / 1024) };
}
