import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The path of a file that ships with a function: beside the bundle when packed, inside its npm package otherwise.
 * `from` is the caller's `import.meta.dirname`. Undefined when it is in neither place.
 */
export function findAsset(from: string, packed: string, inPackage: string): string | undefined {
  const beside = join(from, packed);
  if (existsSync(beside)) return beside;
  try {
    return createRequire(join(from, 'index.js')).resolve(inPackage);
  } catch {
    return undefined;
  }
}
