import { connect, type Database } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProviderFailure, registryOf, type Provider, type WorkState } from '../src/index.ts';
import { addFeature } from './features.ts';
import { ahead, createRig, type Rig } from './rig.ts';

const TASKS = 200;
const AT_ONCE = 20;
/** One run in so many loses its database in the middle, as a killed worker does. */
const KILLED = 9;
const REFS = ['runninghub-a', 'runninghub-b'] as const;

let rig: Rig;
let picture: Buffer;
beforeAll(async () => {
  rig = await createRig();
  picture = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  const polling = { intervalSeconds: 1, maxAttempts: 500, completeStatuses: ['SUCCESS'], failedStatuses: ['FAILED'] };
  await addFeature(rig.database.db, 'flapping', {
    work: {
      type: 'async_api',
      providerCandidates: [...REFS],
      inputMapping: { image: '${input_data.photo}' },
      timeoutSeconds: 170,
      retry: { maxAttempts: 3, delaySeconds: 0, backoff: 'fixed' },
      polling,
    },
  });
  await rig.database.db.updateTable('provider_endpoints').set({ is_enabled: 1, max_concurrency: 1_000 }).execute();
});
afterAll(() => rig.close());

type Vendor = Provider & { submissions: Map<string, number> };

/** Takes work and forgets to say so, refuses, fails at it, and sometimes does it: by turns, so that every run is the same. */
function flapping(ref: string): Vendor {
  let turn = 0;
  const submissions = new Map<string, number>();
  return {
    ref,
    submissions,
    background: {
      unknownMs: 0,
      submit: async (call) => {
        turn += 1;
        if (turn % 5 === 0) throw new ProviderFailure('vendor', 'http_503');
        submissions.set(call.attemptId, (submissions.get(call.attemptId) ?? 0) + 1);
        if (turn % 7 === 0) throw new ProviderFailure('unknown_outcome', 'no_answer');
        return { vendorRef: `${ref}-${turn}` };
      },
      find: async (_call, work) =>
        submissions.has(work.attemptId) ? { vendorRef: `found-${work.attemptId}` } : undefined,
      check: async (): Promise<WorkState> => {
        turn += 1;
        if (turn % 6 === 0) throw new ProviderFailure('vendor', 'http_500');
        if (turn % 4 === 0) return { status: 'RUNNING' };
        if (turn % 13 === 0) return { status: 'FAILED', costMicroYuan: 1 };
        const image = { bytes: picture, contentType: 'image/jpeg', width: 32, height: 32 };
        return { status: 'SUCCESS', costMicroYuan: 2, collect: async () => ({ output: {}, files: { image } }) };
      },
      stop: async () => ({ billed: true }),
    },
  };
}

/** A run that is killed right after a vendor has answered, before anything of it is written. */
async function killedRun(taskId: string, vendors: readonly Vendor[]): Promise<void> {
  const own = { ...rig.database, ...connect(rig.database.databaseUrl, { connectionLimit: 1 }) };
  const dying = vendors.map(({ ref, background }): Provider => {
    if (background === undefined) return { ref };
    return {
      ref,
      background: {
        ...background,
        submit: (call) => thenDie(background.submit(call), own),
        check: (call, work) => thenDie(background.check(call, work), own),
      },
    };
  });
  const run = rig.runner({ database: own, providers: registryOf(dying), leaseMs: 60_000 }).run({ taskId });
  await run.catch(() => undefined);
  await own.close().catch(() => undefined);
}

async function thenDie<T>(answer: Promise<T>, own: Database): Promise<T> {
  try {
    return await answer;
  } finally {
    await own.close();
  }
}

test('200 tasks over two flapping vendors, with workers being killed: every task ends, and ends once', async () => {
  const { db } = rig.database;
  const vendors = REFS.map(flapping);
  const taskIds: string[] = [];
  for (let member = 0; member < 4; member++) {
    const who = await rig.member();
    for (let i = 0; i < TASKS / 4; i++) taskIds.push(await rig.task(who, 'flapping'));
  }
  let turn = 0;
  const runOne = async (taskId: string): Promise<void> => {
    turn += 1;
    if (turn % KILLED === 0) await killedRun(taskId, vendors);
    else await rig.runner({ providers: registryOf(vendors), leaseMs: 2_000 }).run({ taskId });
  };
  let open = taskIds;
  for (let round = 0; open.length > 0 && round < 60; round++) {
    for (let at = 0; at < open.length; at += AT_ONCE) {
      // As after a pause: with all vendors down a task ends at once, and this is about those that go on.
      await db
        .updateTable('provider_health')
        .set({ status: 'up', consecutive_failures: 0, probe_after: null })
        .execute();
      await Promise.all(open.slice(at, at + AT_ONCE).map(runOne));
    }
    await db
      .updateTable('tasks')
      .set({ lease_until: null, lease_owner: null })
      .where('finished_at', 'is', null)
      .execute();
    const rows = await db.selectFrom('tasks').select('id').where('finished_at', 'is', null).execute();
    open = rows.map(({ id }) => id);
  }
  expect(open).toEqual([]);

  const ends = await db
    .selectFrom('tasks as t')
    .innerJoin('quota_charges as c', 'c.id', 't.charge_id')
    .leftJoin('assets as a', 'a.task_id', 't.id')
    .select(['t.status', 'c.status as charge'])
    .select((eb) => [eb.fn.count<number>('a.id').as('results'), eb.fn.count<number>('t.id').distinct().as('tasks')])
    .groupBy(['t.status', 'c.status'])
    .execute();
  const succeeded = ends.find(({ status }) => status === 'succeeded');
  expect(Number(succeeded?.results)).toBe(Number(succeeded?.tasks));
  expect(Number(succeeded?.tasks)).toBeGreaterThan(0);
  expect(ends.every(({ status, charge }) => charge === (status === 'succeeded' ? 'settled' : 'refunded'))).toBe(true);
  expect(vendors.every(({ submissions }) => [...submissions.values()].every((times) => times === 1))).toBe(true);
  const still = await db
    .selectFrom('task_attempts')
    .select('id')
    .where('status', 'in', ['started', 'submitted'])
    .execute();
  expect(still).toEqual([]);
  expect(await runDoctor(db, { now: ahead(0).now() })).toEqual([]);
}, 120_000);
