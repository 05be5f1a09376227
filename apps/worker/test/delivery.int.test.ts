import { AppError } from '@yunshang/contracts';
import { newId, systemClock, toJson } from '@yunshang/db';
import { fakeClock, until } from '@yunshang/devstack';
import { mortalRedis, testDatabase, testRedisUrl, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { outbox, promise, startWorker, type TestWorker, type TestWorkerOptions } from './bench.ts';

let database: TestDatabase;
let redisUrl: string;
let workers: TestWorker[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

beforeEach(async () => {
  redisUrl = await testRedisUrl();
  await database.db.deleteFrom('outbox').execute();
  await database.db.deleteFrom('alerts').execute();
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(200)));
  workers = [];
});

afterAll(() => database.close());

function start(options: Partial<TestWorkerOptions> = {}): TestWorker {
  const worker = startWorker({ database, redisUrl, clock: systemClock, ...options });
  workers.push(worker);
  return worker;
}

const counted = async (worker: TestWorker, outcome: string): Promise<number> => {
  const { values } = await worker.metrics.jobs.get();
  return values.filter(({ labels }) => labels.outcome === outcome).reduce((sum, { value }) => sum + value, 0);
};

it('delivers again when the handler asks for it, and not before', async () => {
  const clock = fakeClock();
  const againAt = new Date(clock.now().getTime() + 30_000);
  await promise(database, clock);
  let calls = 0;
  const worker = start({ clock, handlers: { 'task.run': async () => ((calls += 1) === 1 ? { againAt } : 'done') } });
  await until(async () => (await counted(worker, 'again')) === 1);
  expect((await outbox(database)).map((row) => row.due_at)).toEqual([againAt]);
  clock.advance(30_000);
  await until(async () => (await outbox(database)).length === 0);
  expect(calls).toBe(2);
});

it('never loses a job whose handler throws: pauses grow, the log has one line for each delivery', async () => {
  const clock = fakeClock();
  await promise(database, clock);
  let calls = 0;
  const worker = start({
    clock,
    handlers: {
      'task.run': async () => {
        calls += 1;
        if (calls < 4) throw new AppError('STORAGE_UNAVAILABLE');
        return 'done';
      },
    },
  });
  const pauses: number[] = [];
  for (let attempt = 1; attempt < 4; attempt += 1) {
    await until(async () => (await counted(worker, 'failed')) === attempt);
    const due = await until(async () => {
      const at = (await outbox(database))[0]?.due_at.getTime() ?? 0;
      return at < clock.now().getTime() + 59_000 && at;
    });
    pauses.push(due - clock.now().getTime());
    clock.set(new Date(due));
  }
  await until(async () => (await outbox(database)).length === 0);
  // 1, 2 and 4 seconds, each shortened by up to a quarter
  expect(pauses.map((ms, index) => ms <= 1_000 * 2 ** index && ms >= 750 * 2 ** index)).toEqual([true, true, true]);
  const failures = worker.lines.filter((line) => line['err'] !== undefined);
  expect(failures).toHaveLength(3);
  expect(failures[0]).toMatchObject({ job: 'task.run', attempt: 1, err: { code: 'STORAGE_UNAVAILABLE' } });
});

it('buries a job that failed twelve times in a row: it is not delivered again, and an alert tells', async () => {
  const clock = fakeClock();
  await promise(database, clock);
  await database.db.updateTable('outbox').set({ attempts: 50, failures: 11 }).execute();
  const worker = start({
    clock,
    handlers: { 'task.run': () => Promise.reject(new Error('boom')) },
  });
  const line = await until(() => worker.lines.find(({ level }) => level === 'error'));
  expect(line).toMatchObject({ msg: 'dead letter: this job keeps failing', attempt: 51, failures: 12 });
  const dead = await until(() =>
    database.db.selectFrom('outbox').selectAll().where('dead_at', 'is not', null).executeTakeFirst(),
  );
  expect(dead).toMatchObject({ failures: 12, in_flight: 0, dead_at: clock.now() });
  const alerts = await database.db.selectFrom('alerts').selectAll().execute();
  expect(alerts).toMatchObject([{ kind: 'job.dead', details: { outboxId: dead.id, failures: 12 } }]);
  clock.advance(365 * 86_400_000);
  await promise(database, clock, { job: 'order.reconcile' });
  await until(async () => (await counted(worker, 'done')) === 1); // the relay has been round
  expect(await counted(worker, 'failed')).toBe(1);
});

it('waits for what is away however long it takes, and forgets the failures after one good delivery', async () => {
  const clock = fakeClock();
  await promise(database, clock);
  await database.db.updateTable('outbox').set({ failures: 40 }).execute();
  let calls = 0;
  const worker = start({
    clock,
    handlers: {
      'task.run': async () => {
        calls += 1;
        if (calls === 1) throw new AppError('STORAGE_UNAVAILABLE');
        return { againAt: new Date(clock.now().getTime() + 3_600_000) };
      },
    },
  });
  await until(async () => (await counted(worker, 'failed')) === 1);
  const waiting = await until(() =>
    database.db.selectFrom('outbox').selectAll().where('failures', '=', 41).executeTakeFirst(),
  );
  expect(waiting).toMatchObject({ dead_at: null, last_error: 'STORAGE_UNAVAILABLE' });
  clock.advance(300_000);
  await until(async () => (await counted(worker, 'again')) === 1);
  const [row] = await database.db.selectFrom('outbox').selectAll().execute();
  expect(row).toMatchObject({ failures: 0, last_error: null, dead_at: null });
});

it('does nothing for a delivery that comes after its work is done', async () => {
  const clock = fakeClock();
  await promise(database, clock);
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const worker = start({
    clock,
    config: { concurrency: 1 },
    handlers: {
      'task.run': async () => {
        calls += 1;
        await gate.promise;
        return 'done';
      },
    },
  });
  await until(() => calls === 1);
  clock.advance(60_000); // the second delivery waits in the queue behind the first
  await until(async () => (await outbox(database))[0]?.attempts === 2);
  gate.resolve();
  await until(async () => (await counted(worker, 'gone')) === 1);
  expect(calls).toBe(1);
  expect(await outbox(database)).toEqual([]);
});

it('leaves a promise alone that a delivery has only the number of', async () => {
  const clock = fakeClock();
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const worker = start({
    clock,
    config: { concurrency: 1 },
    handlers: {
      'task.run': async ({ taskId }) => {
        seen.push(taskId);
        await gate.promise;
        return 'done';
      },
    },
  });
  const [first, second] = await promise(database, clock, { count: 2 });
  await until(() => seen.length === 1); // the second waits in the queue
  await until(async () => (await outbox(database)).every((row) => row.attempts === 1));
  // A restored database: another promise has the number that the waiting delivery remembers.
  const payload = toJson({ taskId: newId() });
  const open = seen[0] === first ? second : first;
  await database.db
    .updateTable('outbox')
    .set({ payload })
    .where('dedup_key', '=', `test:${open ?? ''}`)
    .execute();
  gate.resolve();
  await until(async () => (await counted(worker, 'gone')) === 1);
  expect(seen).toHaveLength(1);
  expect(await outbox(database)).toHaveLength(1);
});

it('lets a running job end when it stops, and begins no other', async () => {
  await promise(database, systemClock, { count: 6 });
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const worker = start({
    config: { concurrency: 2 },
    handlers: {
      'task.run': async () => {
        begun += 1;
        await gate.promise;
        return 'done';
      },
    },
  });
  await until(() => begun === 2);
  const stopped = worker.stop();
  gate.resolve();
  expect(await stopped).toEqual({ abandoned: 0 });
  expect(begun).toBe(2);
  expect(await outbox(database)).toHaveLength(4);
});

it('completes everything although Redis is killed and comes back empty in mid-flight', async () => {
  const redis = await mortalRedis();
  const done = new Set<string>();
  const worker = startWorker({
    database,
    redisUrl: redis.redisUrl,
    clock: systemClock,
    config: { outboxVisibilityMs: 1_000 },
    handlers: { 'task.run': async ({ taskId }) => (done.add(taskId), 'done') },
  });
  const first = await promise(database, systemClock, { count: 50 });
  worker.signals.nudge();
  await until(() => done.size > 0);
  await redis.kill();
  const second = await promise(database, systemClock, { count: 50 });
  await redis.revive();
  await until(async () => (await outbox(database)).length === 0, { timeoutMs: 15_000 });
  expect([...done].toSorted()).toEqual([...first, ...second].toSorted());
  await worker.stop(200);
  await redis.stop();
});
