import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findRedis } from './binaries.ts';
import { spawnGuarded, type GuardedProcess } from './guarded-process.ts';
import { freePort, untilGreeted } from './ports.ts';
import type { RunFolder } from './run-folder.ts';

/** One logical database per vitest worker, and some to spare. */
const databases = '64';

export type RedisServer = { process: GuardedProcess; redisUrl: string };

/** Starts a private Redis on 127.0.0.1, on a free port unless told which; `more` are flags on top of the usual ones. */
export async function startRedis(
  folder: RunFolder,
  givenPort?: number,
  more: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const { server: binary, env } = findRedis();
  const dataDir = join(folder.path, 'redis');
  mkdirSync(dataDir, { recursive: true });
  const command = join(folder.socketFolder, 'redis-server'); // the name decides what the binary does
  if (!existsSync(command)) symlinkSync(binary, command);
  const port = givenPort ?? (await freePort());
  const server = await spawnGuarded({
    command,
    args: flags({ port: String(port), bind: '127.0.0.1', dir: dataDir, ...more }),
    env,
    logFile: join(folder.path, 'redis.log'),
  });
  await untilGreeted(server, { host: '127.0.0.1', port }, 'PING\r\n');
  return { process: server, redisUrl: `redis://127.0.0.1:${port}/0` };
}

function flags(own: Readonly<Record<string, string>>): string[] {
  const all = { ...own, databases, save: '', appendonly: 'yes', 'maxmemory-policy': 'noeviction' };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
}
