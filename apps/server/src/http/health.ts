import type { FastifyInstance } from 'fastify';

export type Checks = {
  /** Throws when the database does not answer. */
  database(): Promise<void>;
  redis(): Promise<void>;
  /** Names of migrations this code needs and the database has not. */
  pendingMigrations(): Promise<string[]>;
};

type State = 'up' | 'down';

const WITHIN_MS = 1_000;

/**
 * `/health/live`: the process runs. `/health/ready`: it may be sent requests: 200 while the database answers and has every
 * migration. Redis is reported and never decides, because no money and no quota need it: without it limits are counted
 * per process, streams poll, and work waits in the outbox until Redis is back.
 */
export function healthRoutes(app: FastifyInstance, checks: Checks, draining: AbortSignal): void {
  const migrations = once(() => checks.pendingMigrations());
  app.get('/health/live', { logLevel: 'silent' }, () => ({ status: 'live' }));
  app.get('/health/ready', { logLevel: 'silent' }, async (_request, reply) => {
    const [database, redis, pending] = await Promise.all([
      stateOf(() => checks.database()),
      stateOf(() => checks.redis()),
      within(migrations()).catch(() => undefined),
    ]);
    const migrated = pending === undefined ? 'unknown' : pending.length === 0 ? 'up-to-date' : 'pending';
    const isReady = database === 'up' && migrated === 'up-to-date' && !draining.aborted;
    const status = draining.aborted ? 'draining' : !isReady ? 'unavailable' : redis === 'up' ? 'ready' : 'degraded';
    return reply.code(isReady ? 200 : 503).send({ status, database, redis, migrations: migrated });
  });
}

/** Once nothing is missing, nothing will be while this code runs: it is not asked again. */
function once(pendingMigrations: () => Promise<string[]>): () => Promise<string[]> {
  let isDone = false;
  return async () => {
    if (isDone) return [];
    const pending = await pendingMigrations();
    isDone = pending.length === 0;
    return pending;
  };
}

async function stateOf(check: () => Promise<void>): Promise<State> {
  return within(check()).then(
    () => 'up',
    () => 'down',
  );
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
