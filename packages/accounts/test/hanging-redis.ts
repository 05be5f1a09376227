import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

export type HangingRedis = {
  /** The same Redis, seen through this. */
  url: string;
  /** From now on takes what is sent and answers nothing, on open and new connections. */
  hang(): void;
  close(): Promise<void>;
};

/** A way to Redis that one test can block without disturbing the others. */
export async function hangingRedis(redisUrl: string): Promise<HangingRedis> {
  const target = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let hanging = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => void (hanging || to.write(bytes)));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  return {
    url: Object.assign(new URL(redisUrl), { port }).href,
    hang() {
      hanging = true;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
