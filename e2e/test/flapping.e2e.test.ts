import { connect, type Database } from '@yunshang/db';
import { startStack, until, type NodeProcess, type Stack } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import type { Task, Yunshang } from '@yunshang/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { basicMember } from '../src/members.ts';
import { admin } from '../src/operate.ts';
import { openSmallPicture, type SmallVendor, startSmallVendor } from '../src/small-vendor.ts';

let vendor: SmallVendor;
let stack: Stack;
let database: Database;
let workers: NodeProcess[];

/** Recovery in seconds instead of a minute. */
const FAST = { OUTBOX_POLL_MS: '100', OUTBOX_VISIBILITY_MS: '1500', TASK_LEASE_MS: '1500' };
const BATCH = 50;
/** One task in so many is refused by the second account, whatever happens. */
const SPOILT_EVERY = 10;

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
beforeAll(async () => {
  vendor = await startSmallVendor();
  stack = await startStack({ timeScale: 0.01, env: { ...FAST, VENDOR_DEV_HOSTS: vendor.host } });
  database = connect(stack.databaseUrl);
  workers = [stack.worker, await stack.addWorker()];
  await openSmallPicture(await admin(stack), vendor);
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
  await vendor?.close();
});

async function member(): Promise<Yunshang> {
  const ys = await basicMember(stack);
  await until(async () => (await ys.features.list()).some(({ featureId }) => featureId === 'small_picture'), {
    what: 'the feature to be seen',
  });
  return ys;
}

const namesOf = (count: number): { name: string }[] =>
  Array.from({ length: count }, (_none, index) => ({ name: index % SPOILT_EVERY === 9 ? 'spoilt' : 'plain' }));
const order = (ys: Yunshang, inputs: { name: string }[]): Promise<{ id: string }> =>
  ys.batches.create({ featureId: 'small_picture', inputs });

async function open(): Promise<number> {
  const rows = await database.db.selectFrom('tasks').select('id').where('open_deadline', 'is not', null).execute();
  return rows.length;
}

const first = () =>
  database.db
    .selectFrom('provider_health')
    .select(['status', 'probe_after'])
    .where('provider_ref', '=', 'small-first')
    .executeTakeFirst();

/** The half minute a provider that is down is left alone, in no time. */
async function letProbe(): Promise<void> {
  await database.db
    .updateTable('provider_health')
    .set({ probe_after: new Date(Date.now() - 1_000) })
    .where('provider_ref', '=', 'small-first')
    .where('status', '=', 'down')
    .execute();
}

const isDown = async (): Promise<boolean> => (await first())?.status === 'down';

/**
 * Fails twice, which the breaker forgives, then until it goes down (calls in flight may still bring good news), then is well
 * again, and so on. Returns how often it went down.
 */
async function flap(isOver: () => boolean): Promise<number> {
  let downs = 0;
  const seen = (what: string, isSeen: () => boolean | Promise<boolean>) =>
    until(async () => isOver() || (await isSeen()), { what, timeoutMs: 60_000 });
  while (!isOver()) {
    const calls = vendor.asked.first.length;
    vendor.failing = 2;
    await seen('some calls of the first account', async () => vendor.asked.first.length >= calls + 6 || isDown());
    vendor.failing = Number.POSITIVE_INFINITY;
    await seen('the first account to go down', isDown);
    if (!(await isDown())) continue;
    downs += 1;
    vendor.failing = 0;
    // A worker may be killed with the one call that was to try it.
    await seen('the first account to be back', async () => {
      await letProbe();
      return !(await isDown());
    });
  }
  return downs;
}

/** Each time an eighth of the tasks has ended kills one worker, or both, until all tasks have. Returns the number of kills. */
async function killing(total: number): Promise<number> {
  let kills = 0;
  for (let round = 0; ; round += 1) {
    const goal = Math.max((await open()) - total / 8, 0);
    await until(async () => (await open()) <= goal, { what: 'tasks to end', timeoutMs: 60_000 });
    if (goal === 0) return kills;
    const victims = round % 2 === 0 ? workers.slice(0, 1) : workers;
    for (const worker of victims) worker.kill('SIGKILL');
    await Promise.all(victims.map((worker) => worker.exited()));
    await Promise.all(victims.map((worker) => worker.restart()));
    kills += victims.length;
  }
}

/** How a task ended for its member, and how it should have: who got a picture paid, who got none has the quota back. */
const endOf = ({ status, charge, outputs }: Task) => ({
  status,
  isRefunded: charge.refunded,
  pictures: outputs.length,
});
const fairEndOf = ({ status }: Task) =>
  status === 'succeeded'
    ? { status, isRefunded: false, pictures: 1 }
    : { status: 'failed', isRefunded: true, pictures: 0 };

test('200 tasks over a flapping provider with workers being killed: every task ends, and the books balance', async () => {
  const members = [await member(), await member()];
  const orders = await Promise.all(
    members.flatMap((ys) =>
      [order(ys, namesOf(BATCH)), order(ys, namesOf(BATCH))].map(async (made) => ({ ys, id: (await made).id })),
    ),
  );
  let isOver = false;
  const flapping = flap(() => isOver);
  const kills = await killing(orders.length * BATCH).finally(() => (isOver = true));
  const downs = await flapping;
  const batches = await Promise.all(orders.map(({ ys, id }) => ys.batches.get(id)));
  const tasks = batches.flatMap((batch) => batch.tasks);
  expect(tasks).toHaveLength(200);
  expect(tasks.map(endOf)).toEqual(tasks.map(fairEndOf));
  const succeeded = tasks.filter(({ status }) => status === 'succeeded');
  expect(succeeded.length).toBeGreaterThan(150);
  expect(succeeded.length).toBeLessThan(200);
  expect(kills).toBeGreaterThanOrEqual(3);
  expect(downs).toBeGreaterThanOrEqual(2);

  const balances = await Promise.all(members.map(async (ys) => (await ys.quota.balance()).available));
  expect(balances.reduce((sum, each) => sum + each)).toBe(200 - succeeded.length);
  const listed = await Promise.all(members.map((ys) => allResults(ys)));
  expect(new Set(listed.flat())).toEqual(new Set(succeeded.map(({ outputs }) => outputs[0]?.assetId)));
});

async function allResults(ys: Yunshang): Promise<string[]> {
  const { items, nextCursor } = await ys.assets.list({ limit: 100 });
  expect(nextCursor).toBeNull();
  return items.map(({ id }) => id);
}

test('a dead provider is asked at most three times in 15 tasks', async () => {
  const ys = await member();
  vendor.failing = Number.POSITIVE_INFINITY;
  await letProbe();
  await ys.batches.wait((await order(ys, namesOf(5))).id);
  expect(await isDown()).toBe(true);
  const calls = vendor.asked.first.length;
  const { id } = await order(
    ys,
    Array.from({ length: 15 }, () => ({ name: 'plain' })),
  );
  const { counts } = await ys.batches.wait(id);
  expect(counts.succeeded).toBe(15);
  expect(vendor.asked.first.length - calls).toBeLessThanOrEqual(3);
});

test('the books are in order, and no vendor was called without a charge', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
  const charges = await database.db.selectFrom('quota_charges').select('task_id').execute();
  const charged = new Set(charges.map((row) => row.task_id));
  const asked = [...vendor.asked.first, ...vendor.asked.second];
  expect(asked.length).toBeGreaterThan(200);
  expect(asked.filter((taskId) => !charged.has(taskId))).toEqual([]);
});
