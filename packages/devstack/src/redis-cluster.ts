import { Redis } from 'ioredis';
import { until } from './poll.ts';
import { freePort } from './ports.ts';
import { startRedis, type RedisServer } from './redis.ts';
import { makeRunFolder, type RunFolder } from './run-folder.ts';

export type TestRedisCluster = {
  /** `redis+cluster://host:port?node=…`, every node named. */
  readonly redisUrl: string;
  stop(): Promise<void>;
};

const SLOTS = 16_384;
const NODES = 3;

type Node = { folder: RunFolder; server: RedisServer; busPort: number; redis: Redis };

/** Three primaries of the caller's own that share the slots; formed in a few seconds. */
export async function testRedisCluster(): Promise<TestRedisCluster> {
  const nodes = await Promise.all(Array.from({ length: NODES }, () => startNode()));
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster has nodes');
  await Promise.all(nodes.map(({ redis }, index) => redis.call('CLUSTER', 'ADDSLOTSRANGE', ...slotsOf(index))));
  for (const { server, busPort } of nodes.slice(1))
    await first.redis.call('CLUSTER', 'MEET', '127.0.0.1', new URL(server.redisUrl).port, String(busPort));
  await until(async () => (await Promise.all(nodes.map(knowsAll))).every(Boolean), {
    timeoutMs: 20_000,
    what: 'cluster',
  });
  for (const { redis } of nodes) redis.disconnect();
  const hosts = nodes.map(({ server }) => new URL(server.redisUrl).host);
  return {
    redisUrl: `redis+cluster://${hosts[0] ?? ''}?${hosts
      .slice(1)
      .map((host) => `node=${host}`)
      .join('&')}`,
    stop: async () => {
      await Promise.all(nodes.map(({ server }) => server.process.stop()));
      for (const { folder } of nodes) folder.remove();
    },
  };
}

async function startNode(): Promise<Node> {
  const folder = makeRunFolder();
  // The usual bus port, port + 10000, is often beyond the last port.
  const busPort = await freePort();
  const flags = { 'cluster-enabled': 'yes', 'cluster-port': String(busPort), 'cluster-node-timeout': '2000' };
  const server = await startRedis(folder, undefined, flags);
  return { folder, server, busPort, redis: new Redis(server.redisUrl) };
}

/** First and last slot of a node. */
function slotsOf(index: number): [string, string] {
  const from = Math.floor((SLOTS * index) / NODES);
  return [String(from), String(Math.floor((SLOTS * (index + 1)) / NODES) - 1)];
}

async function knowsAll({ redis }: Node): Promise<boolean> {
  const info = String(await redis.call('CLUSTER', 'INFO'));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`);
}
