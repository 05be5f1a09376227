import { connect, migrate, newId, seed, systemClock, type Database, type Db } from '@yunshang/db';
import { createDatabase, makeMembers, type MadeMember, type Services } from '@yunshang/devstack';
import {
  createFeatureCatalog,
  createProviderDirectory,
  createRunner,
  createSharedSlots,
  createReservations,
  createTaskIntake,
  type DirectoryDeps,
  type ProviderSlots,
  type Runner,
  type Storage,
  type TaskIntake,
} from '@yunshang/pipeline';
import { Redis } from 'ioredis';
import { FEATURES, writeFeature, writeProviders, type Primary } from './rows.ts';
import { createTrace, type OurCall, type Trace } from './trace.ts';

export type Ours = {
  /** Tasks that wait to be run; `prepare` before measuring. */
  prepare(primary: Primary, count: number): Promise<void>;
  /** Runs the next task to its end. */
  call(): Promise<OurCall>;
  /** Two round trips that carry nothing, one to the database and one to Redis, in ms: the most a choice needs. */
  roundTrips(): Promise<number>;
  /** Forgets what is known of every provider's health. */
  forgetHealth(): Promise<void>;
  close(): Promise<void>;
};

const quiet = { taskMoved: () => undefined, nudge: () => undefined };
const nowhere = (): never => {
  throw new Error('not asked for here');
};
/** Takes what it is given and keeps nothing: the peer stores no results either. */
const storage: Storage = {
  uploadGrant: nowhere,
  list: nowhere,
  read: nowhere,
  head: async () => undefined,
  get: async () => undefined,
  put: async () => undefined,
  putLocked: nowhere,
  write: async () => undefined,
  delete: async () => undefined,
  signedUrl: nowhere,
  signedPutUrl: nowhere,
};
const engine: DirectoryDeps['engine'] = {
  cutOut: nowhere,
  clean: nowhere,
  finishOnWhite: nowhere,
  transform: nowhere,
  close: async () => undefined,
};
const cos: DirectoryDeps['cos'] = { secretId: 'x', secretKey: 'x', bucket: 'x-1', region: 'x', timeoutMs: 1_000 };

/** As many as one purchase may hold. */
const BATCH = 50;

/** The pipeline as a worker has it: real rows, real database, real Redis for the slots. */
export async function openOurs(services: Services, vendorUrl: string): Promise<Ours> {
  const own = await createDatabase(services, `fallback_${Date.now().toString(36)}`);
  await migrate(own.databaseUrl);
  await seed(own.databaseUrl);
  const trace = createTrace();
  const plain = connect(own.databaseUrl);
  const traced = connect(own.databaseUrl, { onQuery: (...seen) => trace.onQuery(...seen) });
  const redis = new Redis(services.redisUrl);
  await writeProviders(plain.db, vendorUrl);
  for (const primary of ['good', 'dead'] as const) await writeFeature(plain.db, primary);
  const catalog = createFeatureCatalog(plain.db, systemClock);
  const reservations = createReservations({ db: plain.db, clock: systemClock });
  const intake = createTaskIntake({
    database: plain,
    catalog,
    signals: quiet,
    reservations,
    canServe: async () => true,
  });
  const members = await makeMembers(plain.db, 10, { quota: 100_000, plan: 'PREMIUM' });
  const runner = runnerOf(traced, trace, createSharedSlots(redis), vendorUrl);
  let waiting: string[] = [];
  return {
    prepare: async (primary, count) => {
      waiting = await buy({ db: plain.db, intake, members }, FEATURES[primary], count);
    },
    call: () => trace.of(() => runNext(runner, waiting)),
    roundTrips: () => roundTrips(plain.db, redis),
    forgetHealth: () => forgetHealth(plain.db),
    close: async () => {
      await expectAllSucceeded(plain.db);
      await intake.close();
      redis.disconnect();
      await traced.close();
      await plain.close();
      await own.drop();
    },
  };
}

async function roundTrips(db: Db, redis: Redis): Promise<number> {
  const began = performance.now();
  await db.selectNoFrom((eb) => eb.lit(1).as('one')).execute();
  await redis.ping();
  return performance.now() - began;
}

async function forgetHealth(db: Db): Promise<void> {
  const well = { status: 'up', consecutive_failures: 0, probe_after: null } as const;
  await db.updateTable('provider_health').set(well).execute();
}

async function runNext(runner: Runner, waiting: string[]): Promise<void> {
  const taskId = waiting.shift();
  if (taskId === undefined) throw new Error('no task is left');
  const outcome = await runner.run({ taskId });
  if (outcome !== 'done') throw new Error(`task ${taskId} has to wait`);
}

function runnerOf(database: Database, trace: Trace, slots: ProviderSlots, vendorUrl: string): Runner {
  const devHosts = [new URL(vendorUrl).host];
  const publicBaseUrl = 'http://127.0.0.1';
  const { db } = database;
  return createRunner({
    database,
    clock: systemClock,
    storage,
    providers: createProviderDirectory({
      db,
      clock: systemClock,
      storage,
      engine,
      cos,
      keys: undefined,
      publicBaseUrl,
      devHosts,
    }),
    signals: quiet,
    slots: trace.watch(slots),
    config: { leaseMs: 30_000, owner: 'bench' },
  });
}

type Shop = { db: Db; intake: TaskIntake; members: readonly MadeMember[] };

async function buy({ db, intake, members }: Shop, featureId: string, count: number): Promise<string[]> {
  for (let bought = 0; bought < count; bought += BATCH) {
    const who = members[(bought / BATCH) % members.length];
    if (who === undefined) throw new Error('no member');
    const inputs = Array.from({ length: Math.min(BATCH, count - bought) }, () => ({ prompt: 'say a few words' }));
    await intake.createMany({ userId: who.userId, featureId, inputs, idempotencyKey: newId() });
  }
  const rows = await db.selectFrom('tasks').select('id').where('status', '=', 'pending').orderBy('id').execute();
  return rows.map(({ id }) => id);
}

async function expectAllSucceeded(db: Db): Promise<void> {
  const left = await db.selectFrom('tasks').select(['id', 'status']).where('status', '<>', 'succeeded').execute();
  if (left.length > 0) throw new Error(`${left.length} tasks did not succeed, such as ${JSON.stringify(left[0])}`);
}
