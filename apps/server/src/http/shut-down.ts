import type { FastifyInstance } from 'fastify';

/** Whoever supervises us kills after more; what is still open then is cut. */
const WITHIN_MS = 10_000;
/** Leaves time to close connections after the last request. */
const REQUESTS_WITHIN_MS = 8_000;

export type Stopping = {
  app: FastifyInstance;
  /** Turns readiness to 503 and ends the streams. */
  drain: AbortController;
  close(): Promise<void>;
};

/** Stops taking requests, lets those in flight finish, then closes what they used. Rejects when that takes over 10 s. */
export async function shutDown(stopping: Stopping): Promise<void> {
  const { app, drain } = stopping;
  await within(WITHIN_MS, async () => {
    drain.abort();
    const cut = setTimeout(() => app.server.closeAllConnections(), REQUESTS_WITHIN_MS);
    await app.close();
    clearTimeout(cut);
    await stopping.close();
  });
}

async function within(ms: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`still busy after ${ms} ms`)), ms);
  });
  await Promise.race([work(), late]).finally(() => clearTimeout(timer));
}
