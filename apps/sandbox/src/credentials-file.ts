import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { generateSandboxCredentials, type SandboxCredentials } from './credentials.ts';

const DEFAULT_FILE = path.resolve(import.meta.dirname, '../../../.data/sandbox-credentials.json');

const variables = z.record(z.string(), z.string());
const stored = z.object({ env: variables, client: variables });

/**
 * The sandbox's variables kept for a developer: made once, then the same on every start; what a file of an older
 * sandbox lacks is added to it. Only the owner may read them.
 */
export async function keptCredentials(file = DEFAULT_FILE): Promise<{ file: string; env: SandboxCredentials['env'] }> {
  const kept = existsSync(file) ? stored.parse(JSON.parse(await readFile(file, 'utf8'))) : undefined;
  const made = await generateSandboxCredentials();
  const env = { ...made.env, ...kept?.env };
  const isComplete = kept !== undefined && Object.keys(env).length === Object.keys(kept.env).length;
  if (isComplete) return { file, env };
  await mkdir(path.dirname(file), { recursive: true });
  const whole = { client: { ...made.client, ...kept?.client }, env };
  await writeFile(file, `${JSON.stringify(whole, undefined, 2)}\n`, { mode: 0o600 });
  return { file, env };
}
