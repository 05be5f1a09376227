import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The folder whose files are judged together: where the linter runs, or the package of a file outside of it. */
export function rootOf(file: string, cwd: string): string {
  if (!relative(cwd, file).startsWith('..')) return cwd;
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder;
  return dirname(file);
}
