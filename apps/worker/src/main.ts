import { readConfig, type ProcessConfig } from './config.ts';
import { serveMetrics, type MetricsServer } from './http.ts';
import { createLog } from './log.ts';
import { wire, type Wired } from './wire.ts';

const config = read();
const log = createLog(config.log);

process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejection nobody handled'));
process.on('uncaughtException', (error) => {
  log.fatal({ err: error }, 'an exception nobody caught');
  log.flush(() => process.exit(1));
});

const wired = wire(config, log);
const metricsServer = await serve(wired);
wired.worker.start();
// Whoever started us waits for this line on standard output.
process.stdout.write(`${JSON.stringify({ ready: true, port: metricsServer?.port ?? null })}\n`);
log.info({ pid: process.pid, concurrency: config.worker.concurrency }, 'the worker works');

let isStopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  });
}

/** Whatever hangs while closing ends with the process a little after the grace. */
async function stop(signal: string): Promise<void> {
  log.info({ signal, graceMs: config.shutdownGraceMs }, 'the worker stops');
  const { abandoned } = await wired.worker.stop(config.shutdownGraceMs);
  if (abandoned > 0) log.warn({ abandoned }, 'jobs outlasted the grace; they will be delivered again');
  setTimeout(() => process.exit(0), 3_000).unref();
  await metricsServer?.close();
  await wired.close();
  log.info({}, 'the worker has stopped');
}

async function serve({ metrics, health }: Wired): Promise<MetricsServer | undefined> {
  if (config.metricsPort === undefined) return undefined;
  return serveMetrics({ host: config.host, port: config.metricsPort }, { registry: metrics.registry, health });
}

function read(): ProcessConfig {
  try {
    return readConfig();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(1);
  }
}
