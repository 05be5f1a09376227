import { Socket } from 'node:net';
import type { PoolOptions } from 'mysql2';

/**
 * What every connection begins with, whatever the server's own defaults are. The mode is named in full: values are escaped
 * with backslashes, which NO_BACKSLASH_ESCAPES would undo, and nothing is to be cut to fit its column.
 */
export const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION time_zone = '+00:00'",
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
];

/**
 * Settings for mysql2 from `mysql://user:password@host:port/name`. A `socketPath` query parameter wins over host and port.
 * Times are UTC on both sides, and JSON is whatever the driver makes of it (see json.ts).
 */
export function poolOptions(databaseUrl: string, connectionLimit: number): PoolOptions {
  const url = new URL(databaseUrl);
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:')
    throw new Error(`a database URL begins with mysql://, not ${url.protocol}//`);
  const socketPath = url.searchParams.get('socketPath');
  return {
    ...(socketPath === null ? { host: url.hostname, port: Number(url.port || 3306) } : { socketPath }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    connectionLimit,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    supportBigNumbers: true,
    enableKeepAlive: true,
  };
}

/**
 * Cuts a connection on which nothing has come or gone for `silenceMs`, so that a database that has frozen, or a network that
 * swallows everything, fails what waits instead of holding it for ever. An idle connection is cut too, and opened anew.
 */
export function cutSilent(connection: object, silenceMs: number): void {
  const stream: unknown = Reflect.get(connection, 'stream');
  if (!(stream instanceof Socket)) return;
  stream.setTimeout(silenceMs, () => {
    stream.destroy(Object.assign(new Error('the database has been silent for too long'), { code: 'ETIMEDOUT' }));
  });
}
