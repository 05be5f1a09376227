import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataRoot } from './config.ts';

/** Where bin/setup unpacks the servers when the machine has none and we may not install any. */
const unpackedRoot = join(dataRoot, 'services', 'root');

export type MariadbBinaries = {
  server: string;
  installDb: string;
  /** Flags both programs need to find their own files. */
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Changes with the server's version: names the template data folder. */
  fingerprint: string;
};

export function findMariadb(): MariadbBinaries {
  const system = firstFile('/usr/sbin/mariadbd', '/usr/libexec/mariadbd', '/usr/local/bin/mariadbd');
  const systemInstall = firstFile('/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db');
  if (system && systemInstall) {
    return { server: system, installDb: systemInstall, flags: [], env: {}, fingerprint: fingerprintOf(system) };
  }
  const server = join(unpackedRoot, 'usr/sbin/mariadbd');
  if (!existsSync(server)) throw missing('MariaDB');
  const shared = join(unpackedRoot, 'usr/share/mysql');
  return {
    server,
    installDb: join(unpackedRoot, 'usr/bin/mariadb-install-db'),
    flags: [
      `--basedir=${join(unpackedRoot, 'usr')}`,
      `--lc-messages-dir=${shared}`,
      `--character-sets-dir=${join(shared, 'charsets')}`,
    ],
    env: libraryPath(),
    fingerprint: fingerprintOf(server),
  };
}

export type RedisBinary = { server: string; env: Readonly<Record<string, string>> };

/** Debian's redis-tools holds the whole server: redis-check-rdb, run under the name redis-server. */
export function findRedis(): RedisBinary {
  const system = firstFile('/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/redis-check-rdb');
  if (system) return { server: system, env: {} };
  const server = join(unpackedRoot, 'usr/bin/redis-check-rdb');
  if (!existsSync(server)) throw missing('Redis');
  return { server, env: libraryPath() };
}

function libraryPath(): Readonly<Record<string, string>> {
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return { LD_LIBRARY_PATH: [`usr/lib/${triplet}`, `lib/${triplet}`].map((p) => join(unpackedRoot, p)).join(':') };
}

function fingerprintOf(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}`;
}

function firstFile(...candidates: string[]): string | undefined {
  return candidates.find((file) => existsSync(file));
}

function missing(server: string): Error {
  return new Error(
    `${server} is not installed. Run bin/setup, or point DATABASE_URL and REDIS_URL at servers of your own.`,
  );
}
