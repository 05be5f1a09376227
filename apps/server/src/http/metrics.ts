import { createServer, type Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { countOpenStreams } from '../streams/watch-task.ts';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Metrics = {
  /** Times every request of the app by route, method and status. */
  observe(app: FastifyInstance): void;
  /** Times a statement of the request pool, its wait for a connection included. */
  observeQuery(durationMs: number): void;
  text(): Promise<string>;
};

/** Metrics of this process in a registry of its own, so that several apps can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'yunshang_' });
  const durations = new Histogram({
    name: 'yunshang_http_request_seconds',
    help: 'Time from request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const errors = new Counter({
    name: 'yunshang_http_errors_total',
    help: 'Answers by error code',
    labelNames: ['code'],
    registers: [registry],
  });
  const queries = new Histogram({
    name: 'yunshang_database_query_seconds',
    help: 'Time of a statement outside task creation',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers: [registry],
  });
  void new Gauge({
    name: 'yunshang_streams_open',
    help: 'Task streams open now',
    registers: [registry],
    collect() {
      this.set(countOpenStreams());
    },
  });
  return {
    observe: (app) => {
      app.addHook('onResponse', async (request, reply) => {
        const route = request.routeOptions.url ?? 'unknown';
        durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
        if (request.errorCode !== null) errors.inc({ code: request.errorCode });
      });
    },
    observeQuery: (durationMs) => queries.observe(durationMs / 1000),
    text: () => registry.metrics(),
  };
}

/** Serves /metrics on a port of its own on the loopback address: never on the public one. */
export async function serveMetrics(metrics: Metrics, port: number): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : port, server };
}
