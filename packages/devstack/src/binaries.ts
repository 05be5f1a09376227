import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataRoot } from './config.ts';
import type { ServerBinary } from './database-server.ts';

/** Where bin/setup unpacks the servers when the machine has none and we may not install any. */
const unpackedRoot = join(dataRoot, 'services', 'root');

/** Where `bin/setup --mysql` unpacks MySQL with all that it needs. */
const mysqlRoot = join(dataRoot, 'mysql', 'root');

/** Both programs need `flags` to find their own files. */
export type MariadbBinaries = ServerBinary & { installDb: string };

export function findMariadb(): MariadbBinaries {
  const system = firstFile('/usr/sbin/mariadbd', '/usr/libexec/mariadbd', '/usr/local/bin/mariadbd');
  const systemInstall = firstFile('/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db');
  if (system && systemInstall) {
    return { command: [system], installDb: systemInstall, flags: [], env: {}, fingerprint: fingerprintOf(system) };
  }
  const server = join(unpackedRoot, 'usr/sbin/mariadbd');
  if (!existsSync(server)) throw missing('MariaDB');
  const shared = join(unpackedRoot, 'usr/share/mysql');
  return {
    command: [server],
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

/** It comes with a C library of its own, so it is started by that library's loader. */
export function findMysql(): ServerBinary {
  const server = join(mysqlRoot, 'usr/sbin/mysqld');
  if (!existsSync(server))
    throw new Error('MySQL is not here. Run bin/setup --mysql, or point DATABASE_URL at a server.');
  const libraries = join(mysqlRoot, 'usr/lib', triplet());
  const loader = join(libraries, process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2');
  const own = join(mysqlRoot, 'usr/lib/mysql/private');
  const shared = join(mysqlRoot, 'usr/share/mysql');
  return {
    command: [loader, '--library-path', `${libraries}:${own}`, server],
    flags: [
      `--basedir=${join(mysqlRoot, 'usr')}`,
      `--lc-messages-dir=${shared}`,
      `--character-sets-dir=${join(shared, 'charsets')}`,
    ],
    env: {},
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
  const folders = [`usr/lib/${triplet()}`, `lib/${triplet()}`];
  return { LD_LIBRARY_PATH: folders.map((folder) => join(unpackedRoot, folder)).join(':') };
}

function triplet(): string {
  return process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
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
