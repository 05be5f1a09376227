import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export type Health = {
  /** The parts that work, by name; ready when all do. */
  check(): Promise<Record<string, boolean>>;
};

export type MetricsServer = { port: number; close(): Promise<void> };

/** Answers /metrics, /health/live and /health/ready; for operators, never for members. */
export async function serveMetrics(
  at: { host: string; port: number },
  { registry, health }: { registry: Registry; health: Health },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response, { registry, health }).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  const port = await listen(server, at);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  url: string,
  response: ServerResponse,
  { registry, health }: { registry: Registry; health: Health },
): Promise<void> {
  switch (url.split('?')[0]) {
    case '/metrics': {
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
      return;
    }
    case '/health/live':
      json(response, 200, { live: true });
      return;
    case '/health/ready': {
      const parts = await health.check();
      const ready = Object.values(parts).every(Boolean);
      json(response, ready ? 200 : 503, { ready, ...parts });
      return;
    }
    default:
      json(response, 404, { error: 'there is /metrics, /health/live and /health/ready' });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}
