import { connect } from '@yunshang/db';
import { until, type MadeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ProviderFailure, registryOf, type Provider, type ProviderRegistry } from '../src/index.ts';
import { addFeature } from './features.ts';
import { failingProvider, heldProvider, quickProvider, resultOf } from './providers.ts';
import { ahead, createRig, type Rig } from './rig.ts';

const CI = 'tencent-ci';
const BUILTIN = 'builtin-image-engine';
const DEADLINE_PASSED = ahead(200_000);

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
  await addFeature(rig.database.db, 'two_steps', {
    cut: { providerCandidates: [CI], inputMapping: { image: '${input_data.photo}' } },
    compose: {
      providerCandidates: [BUILTIN],
      inputMapping: { image: '${steps[0].output.image}', note: '${task_id} of ${user_id}', fixed: 7 },
    },
  });
  await addFeature(rig.database.db, 'patient', {
    cut: {
      providerCandidates: [CI],
      inputMapping: { image: '${input_data.photo}' },
      retry: { maxAttempts: 2, delaySeconds: 5, backoff: 'fixed' },
    },
  });
  const cut = { providerCandidates: [CI], inputMapping: { image: '${input_data.photo}' } };
  await addFeature(rig.database.db, 'at_own_risk', { cut }, 'no_refund');
});
beforeEach(async () => {
  await rig.database.db.updateTable('provider_health').set({ status: 'up', consecutive_failures: 0 }).execute();
});
afterAll(() => rig.close());

const only = (provider: Provider): { providers: ProviderRegistry } => ({ providers: registryOf([provider]) });
const quick = (): ReturnType<typeof quickProvider> => quickProvider(CI, rig.garment);

async function balance(who: MadeMember): Promise<number> {
  const row = await rig.database.db
    .selectFrom('users')
    .select('quota_remaining')
    .where('id', '=', who.userId)
    .executeTakeFirstOrThrow();
  return row.quota_remaining;
}

async function effects(taskId: string) {
  const { db } = rig.database;
  const [task, assets, logs, charge] = await Promise.all([
    db.selectFrom('tasks').select(['status', 'refunded']).where('id', '=', taskId).executeTakeFirstOrThrow(),
    db.selectFrom('assets').select('id').where('task_id', '=', taskId).execute(),
    db.selectFrom('quota_logs').select(['kind', 'amount']).where('task_id', '=', taskId).orderBy('seq').execute(),
    db.selectFrom('quota_charges').select('status').where('task_id', '=', taskId).executeTakeFirstOrThrow(),
  ]);
  return {
    status: task.status,
    refunded: task.refunded,
    results: assets.length,
    charge: charge.status,
    ledger: logs.map((log) => `${log.kind} ${log.amount}`),
  };
}
const PAID = { status: 'succeeded', refunded: 0, results: 1, charge: 'settled', ledger: ['charge -1'] };
const BACK = { refunded: 1, results: 0, charge: 'refunded', ledger: ['charge -1', 'refund 1'] };

const endLease = (taskId: string) =>
  rig.database.db
    .updateTable('tasks')
    .set({ lease_until: new Date(0) })
    .where('id', '=', taskId)
    .execute();

test('a worker that dies during a call is followed by another, once its lease has ended', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const own = { ...rig.database, ...connect(rig.database.databaseUrl, { connectionLimit: 2 }) };
  const dead = heldProvider(CI);
  const died = rig.runner({ ...only(dead), database: own, leaseMs: 300 }).run({ taskId });
  await dead.called;
  await own.close();

  const alive = quick();
  const runner = rig.runner(only(alive));
  expect(await runner.run({ taskId })).toMatchObject({ againAt: expect.any(Date) });
  await until(async () => (await runner.run({ taskId })) === 'done', { what: 'the second worker' });
  dead.finish(rig.garment);
  expect(await died).toMatchObject({ againAt: expect.any(Date) });
  expect(await effects(taskId)).toEqual(PAID);
  expect(alive.calls).toHaveLength(1);
});

test('a worker that was thought dead changes nothing when it comes back', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const paused = heldProvider(CI);
  const first = rig.runner({ ...only(paused), leaseMs: 60_000 }).run({ taskId });
  await paused.called;
  await endLease(taskId);
  expect(await rig.runner(only(quick())).run({ taskId })).toBe('done');
  const before = await effects(taskId);
  paused.finish(rig.garment);
  expect(await first).toMatchObject({ againAt: expect.any(Date) });
  expect(await effects(taskId)).toEqual(before);
  expect(before).toEqual(PAID);
});

test('a worker that delivers after another has taken over leaves the task to that one', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const [late, current] = [heldProvider(CI), heldProvider(CI)];
  const first = rig.runner({ ...only(late), leaseMs: 60_000 }).run({ taskId });
  await late.called;
  await endLease(taskId);
  const second = rig.runner({ ...only(current), leaseMs: 60_000 }).run({ taskId });
  await current.called;
  late.finish(rig.garment);
  expect(await first).toMatchObject({ againAt: expect.any(Date) });
  expect(await effects(taskId)).toMatchObject({ status: 'processing', results: 0, charge: 'held' });
  current.finish(rig.garment);
  expect(await second).toBe('done');
  expect(await effects(taskId)).toEqual(PAID);
  const result = await rig.database.db
    .selectFrom('assets')
    .select('object_key')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  expect(result?.object_key).toBe(`u/${who.userId}/results/${taskId}/0-2-image.jpg`);
});

test('a vendor that may have done the work is asked before anybody is called', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const lost = heldProvider(CI);
  void rig.runner({ ...only(lost), leaseMs: 60_000 }).run({ taskId });
  await lost.called;
  await endLease(taskId);
  const asked: number[] = [];
  const second = quick();
  const provider: Provider = {
    ...second,
    lookup: async (call) => {
      asked.push(call.attemptNo);
      return resultOf(rig.garment);
    },
  };
  expect(await rig.runner(only(provider)).run({ taskId })).toBe('done');
  expect(asked).toEqual([1]);
  expect(second.calls).toEqual([]);
  expect(await effects(taskId)).toEqual(PAID);
});

test('a picture that takes the worker down with it is given up after a few tries', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  for (let round = 0; round < 3; round++) {
    const crash = heldProvider(CI);
    void rig.runner({ ...only(crash), leaseMs: 60_000 }).run({ taskId });
    await crash.called;
    await endLease(taskId);
  }
  expect(await rig.runner(only(quick())).run({ taskId })).toBe('done');
  expect(await effects(taskId)).toEqual({ status: 'failed', ...BACK });
});

test('five workers at once on one task do its work once', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const provider = quick();
  await Promise.all(Array.from({ length: 5 }, () => rig.runner(only(provider)).run({ taskId })));
  await until(async () => (await rig.runner(only(provider)).run({ taskId })) === 'done');
  expect(provider.calls).toHaveLength(1);
  expect(await effects(taskId)).toEqual(PAID);
});

test('a task delivered again after its end is left as it is', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const provider = quick();
  for (let i = 0; i < 3; i++) expect(await rig.runner(only(provider)).run({ taskId })).toBe('done');
  expect(provider.calls).toHaveLength(1);
  expect(await effects(taskId)).toEqual(PAID);
});

test('two sweepers and a worker that delivers at the last moment: one end, one effect', async () => {
  for (let round = 0; round < 5; round++) {
    const who = await rig.member();
    const taskId = await rig.task(who);
    const other = await rig.task(who);
    const provider = heldProvider(CI);
    const worker = rig.runner({ ...only(provider), leaseMs: 60_000 }).run({ taskId });
    await provider.called;
    await rig.runner(only(quick())).run({ taskId: other });
    const sweeper = (): Promise<unknown> => rig.runner({ clock: DEADLINE_PASSED }).sweep();
    provider.finish(rig.garment);
    await Promise.all([worker, sweeper(), sweeper()]);
    const seen = await effects(taskId);
    expect([PAID, { status: 'failed', ...BACK }]).toContainEqual(seen);
    expect(await balance(who)).toBe(seen.status === 'succeeded' ? 98 : 99);
    expect(await effects(other)).toEqual(PAID);
  }
});

test('a task nobody has begun when its time is up is refunded, and a worker finds it ended', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const reports = await Promise.all([1, 2, 3].map(() => rig.runner({ clock: DEADLINE_PASSED }).sweep()));
  expect(reports.reduce((sum, report) => sum + report.failed, 0)).toBe(1);
  expect(await rig.runner(only(quick())).run({ taskId })).toBe('done');
  expect(await effects(taskId)).toEqual({ status: 'failed', ...BACK });
  expect(await rig.tasks.get(who.userId, taskId)).toMatchObject({ failure: { code: 'TASK_TIMED_OUT' } });
});

test('an open task without a job gets one, once', async () => {
  const { db } = rig.database;
  const who = await rig.member();
  const taskId = await rig.task(who);
  const job = () => db.selectFrom('outbox').select('payload').where('dedup_key', '=', `task:${taskId}`).execute();
  await db.deleteFrom('outbox').where('dedup_key', '=', `task:${taskId}`).execute();
  await Promise.all([rig.runner().sweep(), rig.runner().sweep()]);
  expect(await job()).toEqual([{ payload: { taskId } }]);
  expect((await rig.runner().sweep()).promised).toBe(0);
  await rig.runner(only(quick())).run({ taskId });
});

test('cancelling races the worker: cancelled and refunded, done and paid, or stopped and paid for what was billed', async () => {
  const ends = new Set<string>();
  for (let round = 0; round < 8; round++) {
    const who = await rig.member();
    const taskId = await rig.task(who);
    const provider = quick();
    const run = rig.runner(only(provider)).run({ taskId });
    const [cancelled] = await Promise.allSettled([rig.tasks.cancel(who.userId, taskId), run]);
    await until(async () => (await rig.runner(only(provider)).run({ taskId })) === 'done', { what: 'the end' });
    const seen = await effects(taskId);
    ends.add(seen.status);
    const code: unknown = cancelled.status === 'rejected' ? cancelled.reason.code : undefined;
    const calls = provider.calls.length;
    expect([
      { ...PAID, code: 'STATE_CONFLICT', calls: 1 },
      { ...PAID, status: 'cancelled', results: 0, code: undefined, calls: 1 },
      { status: 'cancelled', ...BACK, code: undefined, calls: 0 },
    ]).toContainEqual({ ...seen, code, calls });
  }
  expect(ends.size).toBeGreaterThan(0);
});

test('a running task that is cancelled begins no further step, and is paid where a vendor has billed', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'two_steps');
  const held = heldProvider(CI);
  const compose = quickProvider(BUILTIN, rig.garment);
  const first = rig.runner({ providers: registryOf([held, compose]), leaseMs: 60_000 }).run({ taskId });
  await held.called;
  const asked = await rig.tasks.cancel(who.userId, taskId);
  expect(asked).toMatchObject({ status: 'processing', stage: { zh: '正在取消', en: 'Cancelling' } });
  held.finish(rig.garment);
  expect(await first).toMatchObject({ againAt: expect.any(Date) });
  await Promise.all([1, 2].map(() => rig.runner({ providers: registryOf([held, compose]) }).run({ taskId })));
  expect(await effects(taskId)).toEqual({ ...PAID, status: 'cancelled', results: 0 });
  expect(compose.calls).toEqual([]);
  await expect(rig.tasks.cancel(who.userId, taskId)).resolves.toMatchObject({ status: 'cancelled' });
});

test('cancelling ten times gives back once; a stranger cancels nothing', async () => {
  const who = await rig.member();
  const stranger = await rig.member();
  const taskId = await rig.task(who);
  await expect(rig.tasks.cancel(stranger.userId, taskId)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  const answers = await Promise.all(Array.from({ length: 10 }, () => rig.tasks.cancel(who.userId, taskId)));
  expect(answers.every((task) => task.status === 'cancelled' && task.charge.refunded)).toBe(true);
  expect(await effects(taskId)).toEqual({ status: 'cancelled', ...BACK });
  expect(await balance(who)).toBe(100);
});

test('a step reads the form, earlier steps and the task; what it made is stored before the next begins', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'two_steps');
  const cut = quick();
  const compose = quickProvider(BUILTIN, rig.garment);
  expect(await rig.runner({ providers: registryOf([cut, compose]) }).run({ taskId })).toBe('done');
  const photo = `u/${who.userId}/uploads/${who.assetId}.jpg`;
  expect(cut.calls[0]?.input).toMatchObject({ image: { file: photo, contentType: 'image/jpeg' } });
  expect(compose.calls[0]?.input).toMatchObject({
    image: { file: `u/${who.userId}/results/${taskId}/0-1-image.jpg` },
    note: `${taskId} of ${who.userId}`,
    fixed: 7,
  });
  expect(await effects(taskId)).toEqual(PAID);
});

test('a pipeline whose worker dies at its second step does not repeat the first', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'two_steps');
  const cut = quick();
  const dead = heldProvider(BUILTIN);
  void rig.runner({ providers: registryOf([cut, dead]), leaseMs: 60_000 }).run({ taskId });
  await dead.called;
  await endLease(taskId);
  const compose = quickProvider(BUILTIN, rig.garment);
  expect(await rig.runner({ providers: registryOf([cut, compose]) }).run({ taskId })).toBe('done');
  expect([cut.calls.length, compose.calls.length]).toEqual([1, 1]);
  expect(await effects(taskId)).toEqual(PAID);
});

test('a second try waits for its pause without holding a worker', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'patient');
  const failing = only(failingProvider(CI, new ProviderFailure('vendor', 'http_503')));
  const began = Date.now();
  const outcome = await rig.runner(failing).run({ taskId });
  expect(outcome).toMatchObject({ againAt: expect.any(Date) });
  expect(Number(outcome === 'done' ? 0 : outcome.againAt) - began).toBeGreaterThanOrEqual(5_000);
  const second = quick();
  expect(await rig.runner({ ...only(second), clock: ahead(6_000) }).run({ taskId })).toBe('done');
  expect(second.calls[0]?.attemptNo).toBe(2);
  expect(await effects(taskId)).toEqual(PAID);
});

test('a task ends when all its tries have failed, and not before', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'patient');
  const failing = only(failingProvider(CI, new ProviderFailure('our_account', 'http_403')));
  await rig.runner(failing).run({ taskId });
  expect(await rig.runner({ ...failing, clock: ahead(6_000) }).run({ taskId })).toBe('done');
  expect(await effects(taskId)).toEqual({ status: 'failed', ...BACK });
});

test('a pipeline that says so keeps the charge of a failed task, but not of a cancelled one', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who, 'at_own_risk');
  const failing = only(failingProvider(CI, new ProviderFailure('vendor', 'http_500')));
  expect(await rig.runner(failing).run({ taskId })).toBe('done');
  expect(await effects(taskId)).toEqual({ ...PAID, status: 'failed', results: 0 });
  const cancelled = await rig.task(who, 'at_own_risk');
  await rig.tasks.cancel(who.userId, cancelled);
  expect(await effects(cancelled)).toEqual({ status: 'cancelled', ...BACK });
});

test('an answer without a picture is a failure, refunded like any other', async () => {
  const who = await rig.member();
  const taskId = await rig.task(who);
  const empty: Provider = { ref: CI, run: async () => ({ output: { image: 'https://elsewhere/x.jpg' }, files: {} }) };
  const missing: Provider = { ref: BUILTIN, run: async () => ({ output: {}, files: {} }) };
  expect(await rig.runner({ providers: registryOf([missing]) }).run({ taskId })).toBe('done');
  expect(await effects(taskId)).toEqual({ status: 'failed', ...BACK });
  const second = await rig.task(who);
  expect(await rig.runner(only(empty)).run({ taskId: second })).toBe('done');
  expect(await effects(second)).toEqual({ status: 'failed', ...BACK });
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
