import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, generateSandboxCredentials, readConfig, type ClientCredentials } from '../src/index.ts';

export type RunningSandbox = {
  baseUrl: string;
  host: string;
  client: ClientCredentials;
  /** Moves the sandbox' clock, for what expires. */
  setOffsetMs(ms: number): void;
  control<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>;
  fault(spec: Record<string, unknown>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A listening sandbox whose notification schedule runs a thousand times faster. */
export async function startSandbox(env: Record<string, string> = {}): Promise<RunningSandbox> {
  const credentials = await generateSandboxCredentials();
  let offsetMs = 0;
  const config = readConfig({ ...credentials.env, PORT: '0', SANDBOX_TIME_SCALE: '0.001', ...env });
  const { app } = createSandbox(config, { now: () => new Date(Date.now() + offsetMs) });
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  const control = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const json = { 'content-type': 'application/json' };
    const init = body === undefined ? { method } : { method, headers: json, body: JSON.stringify(body) };
    const answer = await fetch(`${baseUrl}${path}`, init);
    const data = (await answer.json()) as T;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(data)}`);
    return data;
  };
  return {
    baseUrl,
    host: new URL(baseUrl).host,
    client: credentials.client,
    setOffsetMs(ms) {
      offsetMs = ms;
    },
    control,
    fault: (spec) => control('POST', '/_control/faults', spec),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

export type Received = { headers: IncomingHttpHeaders; body: Buffer };

/** A merchant's notification address that answers with the given statuses in turn, then with the last one. */
export async function startMerchant(statuses: number[] = [204]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = statuses[Math.min(received.length, statuses.length - 1)] ?? 204;
      received.push({ headers: request.headers, body: Buffer.concat(chunks) });
      // 0 stands for no answer at all.
      if (status !== 0) response.writeHead(status).end();
    });
  });
  const ready = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', ready.resolve);
  await ready.promise;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/notify`,
    received,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      return closed.promise;
    },
  };
}
