import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout this package belongs to: the nearest folder above that holds the workspace file. */
export const repositoryRoot = findRoot(import.meta.dirname);

/** Everything the stack writes lives here; git ignores it. */
export const dataRoot = join(repositoryRoot, '.data');

/** The condition under which the rooms' exports point at their TypeScript sources. */
export const sourceCondition = 'yunshang-src';

/** Servers given from outside. Where one is set it is used, and nothing is started in its place. */
export function externalServers(): { databaseUrl: string | undefined; redisUrl: string | undefined } {
  return { databaseUrl: process.env['DATABASE_URL'] || undefined, redisUrl: process.env['REDIS_URL'] || undefined };
}

/** Which server is started where none is given: `DATABASE_SERVER=mysql` for MySQL. */
export function databaseServer(): 'mariadb' | 'mysql' {
  const wanted = process.env['DATABASE_SERVER'] || 'mariadb';
  if (wanted !== 'mariadb' && wanted !== 'mysql')
    throw new Error(`DATABASE_SERVER is mariadb or mysql, not "${wanted}"`);
  return wanted;
}

/** What Node has compiled, so that a process of ours begins in two thirds of the time. */
const compileCache = join(dataRoot, 'compile-cache');

/** The environment a child process begins with; `extra` wins. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: compileCache, ...process.env, ...extra };
}

/** 1-based number of the vitest worker we run in; 1 outside vitest. */
export function vitestPoolId(): number {
  return Number(process.env['VITEST_POOL_ID'] ?? 1);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('devstack: no pnpm-workspace.yaml above this package');
  return findRoot(parent);
}
