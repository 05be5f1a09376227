import { startRedis, type RedisServer } from './redis.ts';
import { makeRunFolder } from './run-folder.ts';

export type MortalRedis = {
  readonly redisUrl: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts again on the same port, with nothing in it. */
  revive(): Promise<void>;
  stop(): Promise<void>;
};

/** A Redis of the caller's own, for tests of losing it. */
export async function mortalRedis(): Promise<MortalRedis> {
  let folder = makeRunFolder();
  let server: RedisServer = await startRedis(folder);
  const { redisUrl } = server;
  const kill = async (): Promise<void> => {
    server.process.kill('SIGKILL');
    await server.process.exited();
    folder.remove();
  };
  return {
    redisUrl,
    kill,
    revive: async () => {
      folder = makeRunFolder();
      server = await startRedis(folder, Number(new URL(redisUrl).port));
    },
    stop: kill,
  };
}
