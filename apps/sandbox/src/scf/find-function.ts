import { existsSync } from 'node:fs';
import path from 'node:path';

const NAME = /^[a-z][a-z0-9-]{0,59}$/;
/** Sources first, then a packed function, then a built one. */
const ENTRIES = ['src/index.ts', 'index.js', 'dist/index.js'];

/** The file that exports `main_handler`; undefined when no function has that name. */
export function findFunction(folder: string, name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  return ENTRIES.map((entry) => path.join(folder, name, entry)).find((file) => existsSync(file));
}
