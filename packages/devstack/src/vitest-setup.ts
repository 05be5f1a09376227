import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { TestProject } from 'vitest/node';
import { watchAncestors } from './ancestors.ts';
import { externalServers } from './config.ts';
import { dropDatabases } from './database.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { startServices } from './services.ts';
import type { TestRun } from './test-run.ts';

/** vitest's globalSetup: MariaDB and Redis once for the run; a sandbox for each worker that asks. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  watchAncestors(/pnpm|verify\.mjs/, () => process.exit(1));
  const services = await startServices();
  const sandboxes = new Map<string, Promise<Sandbox>>();
  const { server, url } = await listen(sandboxes);
  const databasePrefix = `test_${randomBytes(3).toString('hex')}_`;
  const run: TestRun = {
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    databasePrefix,
    sandboxBroker: url,
  };
  project.provide('testRun', run);
  return async () => {
    server.close();
    const running = await Promise.allSettled(sandboxes.values());
    await Promise.all(running.map(async (one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
    if (externalServers().databaseUrl) await dropDatabases(services, databasePrefix);
    await services.stop();
  };
}

async function listen(sandboxes: Map<string, Promise<Sandbox>>): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const worker = request.url ?? '/';
    const known = sandboxes.get(worker) ?? startSandbox();
    sandboxes.set(worker, known);
    known.then(
      ({ url, settings }) => response.end(JSON.stringify({ url, settings })),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('devstack: the sandbox broker has no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}
