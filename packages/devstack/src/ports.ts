import { connect, createServer } from 'node:net';
import { until } from './poll.ts';
import { tailOf, type GuardedProcess } from './guarded-process.ts';

/** A TCP port of 127.0.0.1 nobody listens on. Another process may take it before you do: be ready to ask again. */
export async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === undefined) throw new Error('devstack: no free port');
  return port;
}

/** That port when it is free, any other when it is not. */
export async function preferredPort(port: number): Promise<number> {
  return (await listenOnce(port)) ?? freePort();
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(address && typeof address === 'object' ? address.port : undefined));
    });
  });
}

export type Greeting = { path: string } | { host: '127.0.0.1'; port: number };

/** Waits until the server answers with its first bytes (`hello` is sent first where the protocol wants it). */
export async function untilGreeted(server: GuardedProcess, at: Greeting, hello = ''): Promise<void> {
  await until(
    async () => {
      if (!server.isRunning())
        throw new Error(`${server.logFile}: ended before it was ready\n${tailOf(server.logFile)}`);
      return greets(at, hello);
    },
    { timeoutMs: 30_000, everyMs: 15, what: `an answer (log: ${server.logFile})` },
  );
}

function greets(at: Greeting, hello: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...at, timeout: 1000 });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => socket.write(hello));
    socket.once('data', done(true));
    socket.once('error', done(false));
    socket.once('timeout', done(false));
    socket.once('end', done(false));
  });
}
