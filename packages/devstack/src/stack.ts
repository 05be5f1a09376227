import { join } from 'node:path';
import { migrate, seed } from '@yunshang/db';
import { appEnvironment } from './app-environment.ts';
import { createDatabase } from './database.ts';
import { startProcess, type NodeProcess } from './node-process.ts';
import { freePort } from './ports.ts';
import { makeRunFolder } from './run-folder.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { startServices, type Services, type ServicesOptions } from './services.ts';

export type Stack = Services & {
  sandbox: Sandbox;
  server: NodeProcess;
  worker: NodeProcess;
  /** What server and worker were started with; start another of either with it. */
  environment: Readonly<Record<string, string>>;
  /** One more worker beside the first; stopped with the stack. */
  addWorker(env?: Readonly<Record<string, string>>): Promise<NodeProcess>;
};

export type StackOptions = ServicesOptions & {
  /** Multiplies the pauses of the vendors' schedules; 0.001 turns 15 s into 15 ms. */
  timeScale?: number;
  /** Over what the stack gives server and worker. */
  env?: Readonly<Record<string, string>>;
  /** Told of each part and how long it took to come up, in ms. */
  onStarted?: (part: string, durationMs: number) => void;
};

/** Everything as processes: MariaDB and Redis, a migrated and seeded database, the sandbox, server and worker. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const parts: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    while (parts.length > 0) await parts.pop()?.stop();
  };
  try {
    return await assemble(options, parts, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Part = { stop(): Promise<void> };

async function assemble(options: StackOptions, parts: Part[], stop: () => Promise<void>): Promise<Stack> {
  const folder = makeRunFolder();
  parts.push({ stop: async () => folder.remove() });
  const timed = timer(options.onStarted);
  const keep = <T extends Part>(part: T): T => {
    parts.push(part);
    return part;
  };
  const [services, sandbox, port] = await all([
    timed('services', () => prepareServices(options, keep)),
    timed('sandbox', async () => keep(await startSandbox(sandboxOptions(options)))),
    freePort(),
  ]);
  const publicUrl = `http://127.0.0.1:${port}`;
  const { databaseUrl, redisUrl } = services;
  const base = appEnvironment({ databaseUrl, redisUrl, publicUrl, vendorUrl: sandbox.url, settings: sandbox.settings });
  const anchors = { AUDIT_ANCHOR_DIR: join(options.dataDir ?? folder.path, 'anchors') };
  const environment = { ...base, ...anchors, ...options.env };
  const launch = async (name: string, app: string, more: { port?: number; env?: Readonly<Record<string, string>> }) => {
    const env = { ...environment, ...more.env };
    const main = `apps/${app}/src/main.ts`;
    const at = more.port === undefined ? {} : { port: more.port };
    return keep(await startProcess({ name, main, env, folder: folder.path, portVariable: 'PORT', ...at }));
  };
  const [server, worker] = await all([
    timed('server', () => launch('server', 'server', { port })),
    timed('worker', () => launch('worker', 'worker', {})),
  ]);
  let workers = 1;
  const addWorker: Stack['addWorker'] = (env = {}) => launch(`worker-${(workers += 1)}`, 'worker', { env });
  return { databaseUrl, redisUrl, sandbox, server, worker, environment, addWorker, stop };
}

async function prepareServices(options: StackOptions, keep: <T extends Part>(part: T) => T): Promise<Services> {
  const services = keep(await startServices(options));
  if (options.dataDir !== undefined) {
    await prepareDatabase(services.databaseUrl);
    return services;
  }
  // Servers given from outside are shared: the stack brings a database of its own.
  const own = await createDatabase(services, `stack_${process.pid}_${Date.now().toString(36)}`);
  keep({ stop: () => own.drop() });
  await prepareDatabase(own.databaseUrl);
  return { ...services, databaseUrl: own.databaseUrl };
}

async function prepareDatabase(databaseUrl: string): Promise<void> {
  await migrate(databaseUrl);
  await seed(databaseUrl);
}

function sandboxOptions({ timeScale, dataDir }: StackOptions): Parameters<typeof startSandbox>[0] {
  return { ...(timeScale === undefined ? {} : { timeScale }), ...(dataDir === undefined ? {} : { dataDir }) };
}

function timer(onStarted: StackOptions['onStarted']) {
  return async <T>(part: string, start: () => Promise<T>): Promise<T> => {
    const from = performance.now();
    const result = await start();
    onStarted?.(part, performance.now() - from);
    return result;
  };
}

/** Like Promise.all, but waits for all of them before it throws: whatever started can then be stopped. */
async function all<const T extends readonly unknown[]>(
  waiting: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(waiting);
  return Promise.all(waiting);
}
