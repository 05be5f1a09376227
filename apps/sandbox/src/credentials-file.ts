import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { generateSandboxCredentials, type SandboxCredentials } from './credentials.ts';

const DEFAULT_FILE = path.resolve(import.meta.dirname, '../../../.data/sandbox-credentials.json');

const stored = z.object({ env: z.record(z.string(), z.string()) });

/** The sandbox's variables kept for a developer: made once, then the same on every start. Only the owner may read them. */
export async function keptCredentials(file = DEFAULT_FILE): Promise<{ file: string; env: SandboxCredentials['env'] }> {
  if (existsSync(file)) {
    const kept = stored.parse(JSON.parse(await readFile(file, 'utf8')));
    return { file, env: kept.env };
  }
  const made = await generateSandboxCredentials();
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
  return { file, env: made.env };
}
