// Makes docs/guard from the guard's rules: node --conditions=yunshang-src scripts/guard-pages.ts [--check]
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Pages = ReadonlyMap<string, string>;

/** The files of a folder that are not as the rules make them; pages of rules that are gone included. */
export function findStale(folder: string, pages: Pages): string[] {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const read = (file: string): string | undefined =>
    present.includes(file) ? readFileSync(join(folder, file), 'utf8') : undefined;
  const stale = [...new Set([...present, ...pages.keys()])].filter((file) => read(file) !== pages.get(file));
  return stale.toSorted((a, b) => a.localeCompare(b));
}

/** Makes the folder hold the pages and nothing else. */
export function writePages(folder: string, pages: Pages): void {
  mkdirSync(folder, { recursive: true });
  for (const file of findStale(folder, pages)) {
    const text = pages.get(file);
    if (text === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), text);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { RULES, rulePages } = await import('../packages/guard/src/index.ts');
  const folder = join(import.meta.dirname, '..', 'docs', 'guard');
  const pages = rulePages(RULES);
  if (!process.argv.includes('--check')) writePages(folder, pages);
  const stale = findStale(folder, pages);
  for (const file of stale) console.error(`docs/guard/${file} is out of step; run pnpm generate`);
  console.log(stale.length === 0 ? `${RULES.size} rules, each with its page` : `${stale.length} faults`);
  process.exitCode = stale.length === 0 ? 0 : 1;
}
