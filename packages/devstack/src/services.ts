import { databaseServer, externalServers } from './config.ts';
import type { DatabaseServer } from './database-server.ts';
import { startMariadb } from './mariadb.ts';
import { startMysql } from './mysql.ts';
import { startRedis, type RedisServer } from './redis.ts';
import { keepFolder, makeRunFolder, type RunFolder } from './run-folder.ts';

export type Services = {
  /** `mysql://user@host:port/database?socketPath=…`; the socket is used where the parameter stands. */
  databaseUrl: string;
  redisUrl: string;
  stop(): Promise<void>;
};

export type ServicesOptions = {
  /** Keep the data in this folder; without it the data lives and dies with this process. */
  dataDir?: string;
  /** Each commit reaches the disk (for measurements); otherwise once a second. */
  durable?: boolean;
};

/**
 * Private MariaDB (or MySQL: `databaseServer`) and Redis as child processes that cannot outlive this one. A server named by DATABASE_URL or
 * REDIS_URL is used as it is and never stopped.
 */
export async function startServices({ dataDir, durable = false }: ServicesOptions = {}): Promise<Services> {
  const external = externalServers();
  if (external.databaseUrl && external.redisUrl) {
    return { databaseUrl: external.databaseUrl, redisUrl: external.redisUrl, stop: async () => {} };
  }
  const folder = dataDir === undefined ? makeRunFolder() : keepFolder(dataDir);
  const [database, redis] = await startBoth(folder, durable, external);
  let stopping: Promise<void> | undefined;
  return {
    databaseUrl: database.databaseUrl,
    redisUrl: redis.redisUrl,
    stop: () => (stopping ??= stopBoth([database, redis], folder)),
  };
}

type External = ReturnType<typeof externalServers>;
type Database = Pick<DatabaseServer, 'databaseUrl'> & Partial<DatabaseServer>;
type Redis = Pick<RedisServer, 'redisUrl'> & Partial<RedisServer>;

async function startBoth(folder: RunFolder, durable: boolean, external: External): Promise<[Database, Redis]> {
  const start = { mariadb: startMariadb, mysql: startMysql }[databaseServer()];
  const started = await Promise.allSettled([
    external.databaseUrl ? { databaseUrl: external.databaseUrl } : again(() => start(folder, durable)),
    external.redisUrl ? { redisUrl: external.redisUrl } : again(() => startRedis(folder)),
  ]);
  const [database, redis] = started;
  if (database.status === 'fulfilled' && redis.status === 'fulfilled') return [database.value, redis.value];
  await stopBoth(
    started.map((one) => (one.status === 'fulfilled' ? one.value : {})),
    folder,
  );
  throw database.status === 'rejected' ? database.reason : redis.status === 'rejected' ? redis.reason : undefined;
}

async function stopBoth(servers: (Partial<DatabaseServer> | Partial<RedisServer>)[], folder: RunFolder): Promise<void> {
  await Promise.all(servers.map(async (server) => server.process?.stop()));
  folder.remove();
}

/** A free port can be taken by someone else before our server binds it; then another one is tried. */
async function again<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof Error && /address already in use/i.test(error.message)) return start();
    throw error;
  }
}
