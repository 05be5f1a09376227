import { systemClock } from '@yunshang/db';
import type { Logger } from 'pino';
import { createServer } from './app.ts';
import { readConfig, type ServerConfig } from './config.ts';
import { createLog } from './http/log.ts';
import { createMetrics, serveMetrics } from './http/metrics.ts';
import { shutDown } from './http/shut-down.ts';
import { wire } from './wire.ts';

/** Unheard, Node would print the whole error, which for a database error is the statement with members' input, and exit. */
function hearErrors(log: Logger): void {
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejection nobody handled'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an exception nobody caught');
    log.flush(() => process.exit(1));
  });
}

async function main(config: ServerConfig, log: Logger): Promise<void> {
  hearErrors(log);
  const drain = new AbortController();
  const metrics = createMetrics();
  const wired = wire(config, { log, clock: systemClock, metrics });
  const app = await createServer({ ...wired, metrics, log, draining: drain.signal, options: config.edge });
  await app.listen({ host: config.host, port: config.port });
  const scrape = config.metricsPort === undefined ? undefined : await serveMetrics(metrics, config.metricsPort);
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  process.stdout.write(
    `${JSON.stringify({ ready: true, port, ...(scrape === undefined ? {} : { metricsPort: scrape.port }) })}\n`,
  );
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    log.info({}, 'shutting down');
    shutDown({ app, drain, close: async () => (scrape?.server.close(), wired.close()) }).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'did not shut down cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

try {
  const config = readConfig();
  await main(config, createLog(config.log));
} catch (error) {
  console.error(error instanceof Error ? error.message : 'The server could not start');
  process.exit(1);
}
