import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, migrate, newId, seed, systemClock, toJson, type Database } from '@yunshang/db';
import {
  createDatabase,
  makeMembers,
  startProcess,
  startServices,
  until,
  type MadeMember,
  type NodeProcess,
  type Services,
} from '@yunshang/devstack';
import { createFeatureCatalog, createReservations, createTaskIntake, type TaskIntake } from '@yunshang/pipeline';
import { createSignals, type Signals } from '@yunshang/queue';
import { sql } from 'kysely';
import { median, quantile, table } from '../measure.ts';
import { measureBare } from './bare.ts';
import { openLedgerFloor } from './ledger-floor.ts';

const STEPS = 600;
const CONCURRENCY = 16;
const PICKUPS = 100;
const WAITING = 1_000;
const HOLD_MS = 40_000;

type World = {
  services: Services;
  database: Database;
  signals: Signals;
  intake: TaskIntake;
  members: MadeMember[];
  folder: string;
  untilFile: string;
};

/** Vendors and members without limits: what is measured is ours. */
async function openWorld(services: Services): Promise<World> {
  const own = await createDatabase(services, `pipeline_${Date.now().toString(36)}`);
  await migrate(own.databaseUrl);
  await seed(own.databaseUrl);
  const database = connect(own.databaseUrl);
  const { db } = database;
  const limits = toJson({ maxPerHour: 100_000, maxPerDay: 100_000, cooldownSeconds: 0 });
  await db.updateTable('feature_definitions').set({ rate_limit_policy: limits, is_enabled: 1 }).execute();
  await db.updateTable('provider_endpoints').set({ max_concurrency: 10_000, is_enabled: 1 }).execute();
  const signals = createSignals(services.redisUrl);
  const catalog = createFeatureCatalog(db, systemClock);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  return {
    services,
    database,
    signals,
    folder,
    untilFile: join(folder, 'go'),
    intake: createTaskIntake({
      database,
      catalog,
      signals,
      reservations: createReservations({ db, clock: systemClock }),
      canServe: async () => true,
    }),
    members: await makeMembers(db, 20, { quota: 1_000_000, plan: 'PREMIUM' }),
  };
}

function startWorker({ services, database, folder, untilFile }: World): Promise<NodeProcess> {
  const settings = {
    databaseUrl: database.url,
    redisUrl: services.redisUrl,
    concurrency: CONCURRENCY,
    untilFile,
  };
  const main = 'apps/worker/scripts/bench-worker.ts';
  return startProcess({ name: `worker-${newId()}`, main, args: [JSON.stringify(settings)], folder });
}

async function closeWorld(world: World): Promise<void> {
  await world.intake.close();
  await world.signals.close();
  await world.database.close();
  rmSync(world.folder, { recursive: true, force: true });
}

/** Buys `count` tasks in batches of 50, the members in turns. */
async function buy(world: World, featureId: string, count: number): Promise<void> {
  for (let bought = 0; bought < count; bought += 50) {
    const who = world.members[(bought / 50) % world.members.length];
    if (who === undefined) throw new Error('no member');
    const inputs = Array.from({ length: 50 }, () => ({ photo: who.assetId, ...EXTRA[featureId] }));
    await world.intake.createMany({ userId: who.userId, featureId, inputs, idempotencyKey: newId() });
  }
}

const EXTRA: Readonly<Record<string, Record<string, string>>> = {
  model_pose12: { modelGender: 'female', scene: 'studio' },
};

async function countOf(world: World, status: 'succeeded' | 'failed'): Promise<number> {
  const query = world.database.db.selectFrom('tasks').where('status', '=', status);
  return (await query.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n;
}

type Ours = { perSecond: number; statements: number };

async function statementsOf({ database }: World): Promise<number> {
  const { rows } = await sql<{ Value: string }>`SHOW GLOBAL STATUS LIKE 'Questions'`.execute(database.db);
  return Number(rows[0]?.Value);
}

/** Steps a second of one worker, from the first task's beginning to the last one's end, and statements for each. */
async function measureOurs(world: World): Promise<Ours> {
  await buy(world, 'basic_clean', STEPS);
  const before = await statementsOf(world);
  const worker = await startWorker(world);
  await until(async () => (await countOf(world, 'succeeded')) + (await countOf(world, 'failed')) === STEPS, {
    timeoutMs: 120_000,
    everyMs: 100,
  });
  const statements = ((await statementsOf(world)) - before) / STEPS;
  if ((await countOf(world, 'failed')) > 0) throw new Error('tasks failed in the bench');
  const span = world.database.db
    .selectFrom('tasks')
    .select((eb) => [eb.fn.min('started_at').as('first'), eb.fn.max('finished_at').as('last')]);
  const { first, last } = await span.executeTakeFirstOrThrow();
  await worker.stop();
  return { perSecond: STEPS / (((last?.getTime() ?? 0) - (first?.getTime() ?? 0)) / 1000), statements };
}

/** From the commit of a task to its beginning, in ms, one task at a time on an idle worker. */
async function measurePickup(world: World): Promise<number[]> {
  const worker = await startWorker(world);
  const [who] = world.members;
  if (who === undefined) throw new Error('no member');
  const delays: number[] = [];
  for (let turn = 0; turn <= PICKUPS; turn += 1) {
    const input = { photo: who.assetId };
    const wish = { userId: who.userId, featureId: 'basic_clean', input, idempotencyKey: newId() };
    const { id } = await world.intake.create(wish);
    const task = world.database.db
      .selectFrom('tasks')
      .select(['created_at', 'started_at', 'status'])
      .where('id', '=', id);
    const row = await until(async () => {
      const found = await task.executeTakeFirstOrThrow();
      return found.status === 'succeeded' && found;
    });
    // The first finds connections and statements that nobody has used.
    if (turn > 0) delays.push((row.started_at?.getTime() ?? 0) - row.created_at.getTime());
  }
  await worker.stop();
  return delays.toSorted((a, b) => a - b);
}

async function throughput(services: Services, rounds: number): Promise<void> {
  const ours: number[] = [];
  const bare: number[] = [];
  const floor: number[] = [];
  const load = { count: STEPS, concurrency: CONCURRENCY };
  let pickups: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    bare.push((STEPS / (await measureBare(services.redisUrl, load, async () => undefined))) * 1000);
    const own = await createDatabase(services, `floor_${Date.now().toString(36)}`);
    const ledger = await openLedgerFloor(own.databaseUrl, load);
    floor.push((STEPS / (await measureBare(services.redisUrl, load, (index) => ledger.work(index)))) * 1000);
    await ledger.close();
    const world = await openWorld(services);
    const { perSecond, statements } = await measureOurs(world);
    ours.push(perSecond);
    pickups = [...pickups, ...(await measurePickup(world))];
    await closeWorld(world);
    console.log(
      `  round ${round}: bare ${bare.at(-1)?.toFixed(0)}/s, with three commits ${floor.at(-1)?.toFixed(0)}/s, ours ${perSecond.toFixed(0)}/s with ${statements.toFixed(0)} statements each`,
    );
  }
  const sorted = pickups.toSorted((a, b) => a - b);
  const share = (one: readonly number[]): string =>
    median(ours.map((value, index) => value / (one[index] ?? Number.NaN))).toFixed(2);
  console.log(
    [
      table([
        ['one step, no vendor time', 'steps/s', 'ours/this'],
        ['a bare BullMQ, nothing kept', median(bare).toFixed(0), share(bare)],
        ['b BullMQ and three commits', median(floor).toFixed(0), share(floor)],
        ['c ours', median(ours).toFixed(0), ''],
      ]),
      `pickup of a single task: p50 ${quantile(sorted, 0.5)} ms, p95 ${quantile(sorted, 0.95)} ms (${sorted.length} tasks)`,
    ].join('\n'),
  );
}

function memoryOf(worker: NodeProcess): number[] {
  const lines = readFileSync(worker.logFile, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const found = /^\{"rssBytes":(\d+)\}$/.exec(line)?.[1];
    return found === undefined ? [] : [Number(found) / 1_048_576];
  });
}

const sumOfPolls = async (world: World): Promise<number> => {
  const query = world.database.db.selectFrom('task_attempts').where('status', '=', 'submitted');
  return Number((await query.select((eb) => eb.fn.sum<string>('polls').as('n')).executeTakeFirst())?.n ?? 0);
};

/** A thousand tasks that wait for a vendor, in one worker with 16 slots. */
async function waiting(services: Services): Promise<void> {
  const world = await openWorld(services);
  const worker = await startWorker(world);
  const idle = await until(() => memoryOf(worker).at(-1));
  const began = performance.now();
  await buy(world, 'model_pose12', WAITING);
  const submitted = world.database.db.selectFrom('task_attempts').where('status', '=', 'submitted');
  await until(
    async () =>
      (await submitted.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n >= WAITING,
    { timeoutMs: 180_000, everyMs: 100 },
  );
  const submittedMs = performance.now() - began;
  const pollsBefore = await sumOfPolls(world);
  await wait(HOLD_MS);
  const polls = (await sumOfPolls(world)) - pollsBefore;
  const peak = Math.max(...memoryOf(worker));
  writeFileSync(world.untilFile, '');
  const released = performance.now();
  await until(async () => (await countOf(world, 'succeeded')) === WAITING, { timeoutMs: 240_000, everyMs: 200 });
  console.log(
    [
      `${WAITING} tasks waiting for a vendor at once, one worker, ${CONCURRENCY} slots:`,
      `  all handed over after ${(submittedMs / 1000).toFixed(1)} s; ${polls} looks in ${HOLD_MS / 1000} s; all 12 000 results settled ${((performance.now() - released) / 1000).toFixed(1)} s after the vendor was done`,
      `  memory of the worker: idle ${idle.toFixed(0)} MiB, most while waiting ${peak.toFixed(0)} MiB, most in all ${Math.max(...memoryOf(worker)).toFixed(0)} MiB`,
    ].join('\n'),
  );
  await worker.stop();
  await closeWorld(world);
}

/** What a step of ours costs beside what nobody can do without, how soon a task is begun, and what a thousand waiting ones hold. */
export async function benchPipeline(rounds: number): Promise<void> {
  const services = await startServices({ durable: true });
  try {
    await throughput(services, rounds);
    await waiting(services);
  } finally {
    await services.stop();
  }
}
