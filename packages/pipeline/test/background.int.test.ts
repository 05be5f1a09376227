import { until, type MadeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { probeProviders, type ProviderRegistry } from '../src/index.ts';
import { addFeature } from './features.ts';
import { ahead, createRig, type Rig } from './rig.ts';
import { openEdge, writeHubs, type Edge } from './vendor-rows.ts';

const A = 'runninghub-a';
const B = 'runninghub-b';
const polling = { intervalSeconds: 10, maxAttempts: 500, completeStatuses: ['SUCCESS'], failedStatuses: ['FAILED'] };
const poses = {
  type: 'async_api' as const,
  providerCandidates: [A, B],
  inputMapping: { image: '${input_data.photo}' },
  outputMapping: { images: '$.images' },
  timeoutSeconds: 150,
  polling,
};

let rig: Rig;
let edge: Edge;
beforeAll(async () => {
  rig = await createRig();
  edge = await openEdge(rig);
  const { db } = rig.database;
  await addFeature(db, 'twelve', { poses }, 'refund_quota', 12);
  const only = { ...poses, providerCandidates: [A] };
  await addFeature(db, 'only_a', { poses: only }, 'refund_quota', 12);
  await addFeature(
    db,
    'few_looks',
    { poses: { ...poses, polling: { ...polling, maxAttempts: 2 } } },
    'refund_quota',
    12,
  );
  await addFeature(db, 'in_a_hurry', { poses: { ...poses, timeoutSeconds: 3 } }, 'refund_quota', 12);
  const film = { ...only, endpoint: 'test.film', outputMapping: { video: '$.video' } };
  await addFeature(db, 'a_film', { film });
});
beforeEach(async () => {
  const { db } = rig.database;
  await rig.sandbox.control.reset();
  await writeHubs(rig);
  await db.updateTable('provider_health').set({ status: 'up', consecutive_failures: 0, probe_after: null }).execute();
  await db.deleteFrom('alerts').execute();
});
afterAll(async () => {
  edge.close();
  await rig.close();
});

const fault = (kind: string, more: Record<string, unknown> = {}) =>
  rig.sandbox.control.fault({ vendor: 'runninghub', kind, ...more });
const creates = async (account?: string): Promise<number> =>
  (await rig.sandbox.control.log({ vendor: 'runninghub' })).filter(
    ({ action, ids }) => /create/i.test(action) && (account === undefined || ids['account'] === account),
  ).length;

const attempts = (taskId: string) =>
  rig.database.db
    .selectFrom('task_attempts')
    .select(['provider_ref', 'status', 'error_class', 'error_code', 'settled_cost_micro_yuan'])
    .where('task_id', '=', taskId)
    .orderBy('attempt_no')
    .execute();

async function begin(featureId: string): Promise<{ who: MadeMember; taskId: string }> {
  const who = await rig.member();
  return { who, taskId: await rig.task(who, featureId) };
}

const runner = (aheadMs = 0, providers: ProviderRegistry = edge.providers) =>
  rig.runner({ clock: ahead(aheadMs), providers });

/** Runs it as a queue would, without waiting for its pauses. */
const finish = (taskId: string, aheadMs = 0): Promise<unknown> =>
  until(async () => (await runner(aheadMs).run({ taskId })) === 'done', { what: 'the end of the task' });

async function end(taskId: string, who: MadeMember) {
  const { db } = rig.database;
  const [task, assets, user] = await Promise.all([
    rig.tasks.get(who.userId, taskId),
    db.selectFrom('assets').select('object_key').where('task_id', '=', taskId).execute(),
    db.selectFrom('users').select('quota_remaining').where('id', '=', who.userId).executeTakeFirstOrThrow(),
  ]);
  const code = task.failure === null ? '' : ` ${task.failure.code}`;
  return `${task.status}${code}, ${assets.length} results, ${user.quota_remaining} left`;
}
const GOOD = 'succeeded, 12 results, 99 left';
const done = { provider_ref: A, status: 'succeeded', error_class: null, error_code: null };

test('work is handed over, waited for without a worker, copied to us, and paid by what it cost', async () => {
  const { who, taskId } = await begin('twelve');
  const first = await runner().run({ taskId });
  expect(first).toMatchObject({ againAt: expect.any(Date) });
  expect(Number(first === 'done' ? 0 : first.againAt) - Date.now()).toBeGreaterThan(8_000);
  expect(await attempts(taskId)).toMatchObject([{ provider_ref: A, status: 'submitted' }]);
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toEqual([{ ...done, settled_cost_micro_yuan: 480_000 }]);
  expect(await creates()).toBe(1);
});

test('a webhook makes the task look now, and nothing more', async () => {
  const { taskId } = await begin('twelve');
  await runner().run({ taskId });
  const due = () =>
    rig.database.db.selectFrom('outbox').select('due_at').where('dedup_key', '=', `task:${taskId}`).executeTakeFirst();
  await rig.database.db
    .updateTable('outbox')
    .set({ due_at: new Date(Date.now() + 600_000) })
    .where('dedup_key', '=', `task:${taskId}`)
    .execute();
  await until(async () => ((await due())?.due_at.getTime() ?? 0) <= Date.now(), { what: 'the hint' });
  expect(edge.seen.some((path) => path.startsWith('/api/webhooks/runninghub/'))).toBe(true);
  expect(await attempts(taskId)).toMatchObject([{ status: 'submitted' }]);
  await finish(taskId);
});

test('a film is a film, and an account that pays in coins is counted in money', async () => {
  const { who, taskId } = await begin('a_film');
  await finish(taskId);
  expect(await end(taskId, who)).toBe('succeeded, 1 results, 99 left');
  await fault('empty_wallet', { match: { account: 'a' }, times: 'always' });
  const second = await begin('twelve');
  await finish(second.taskId);
  expect(await attempts(second.taskId)).toMatchObject([
    { provider_ref: A, error_class: 'our_account', error_code: 'hub_416', settled_cost_micro_yuan: 0 },
    { provider_ref: B, status: 'succeeded', settled_cost_micro_yuan: 48_000 },
  ]);
  const alerts = await rig.database.db.selectFrom('alerts').select(['kind', 'details']).execute();
  expect(alerts).toEqual([
    { kind: 'provider_account', details: { providerRef: A, errorClass: 'our_account', errorCode: 'hub_416' } },
  ]);
});

test.each([
  ['is down', 'account_down', {}, 'vendor', 'http_503'],
  ['answers 500', 'error', { match: { account: 'a', action: 'CreateTask' } }, 'vendor', 'hub_500'],
  ['is full', 'error', { match: { account: 'a' }, code: '421' }, 'vendor', 'busy'],
  ['does not know our key', 'error', { match: { account: 'a' }, code: '802' }, 'our_account', 'hub_802'],
  ['does not know the workflow', 'error', { match: { account: 'a' }, code: '380' }, 'our_account', 'hub_380'],
  ['fails at the work', 'task_failed', {}, 'vendor', 'work_failed'],
  ['delivers nothing', 'empty_result', {}, 'vendor', 'output_missing'],
  ['delivers a damaged picture', 'corrupt_picture', {}, 'vendor', 'result_corrupt'],
  ['names an address inside', 'result_url', {}, 'vendor', 'result_refused'],
  ['leads to an address inside', 'result_redirect', {}, 'vendor', 'result_refused'],
  ['has deleted the result', 'result_expired', {}, 'vendor', 'result_http_403'],
])('when the first account %s, the second does the work', async (_what, kind, more, errorClass, errorCode) => {
  await fault(kind, { match: { account: 'a' }, times: 'always', ...more });
  const { who, taskId } = await begin('twelve');
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toMatchObject([
    { provider_ref: A, status: 'failed', error_class: errorClass, error_code: errorCode },
    { provider_ref: B, status: 'succeeded' },
  ]);
});

test.each([
  ['ids come as bare numbers', 'number_ids'],
  ['the older answer says that it still runs', 'legacy_running'],
  ['the webhook never comes', 'webhook_never'],
  ['the webhook comes early, forged', 'webhook_forged'],
  ['the webhook comes too early', 'webhook_early'],
  ['the webhook comes many times', 'webhook_duplicate'],
])('nothing is lost when %s', async (_what, kind) => {
  await fault(kind, { times: 'always' });
  const { who, taskId } = await begin('only_a');
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await creates()).toBe(1);
});

test('eleven of twelve is nothing: everything goes back, and nobody else is paid', async () => {
  await fault('wrong_count', { times: 'always' });
  const { who, taskId } = await begin('twelve');
  await finish(taskId);
  expect(await end(taskId, who)).toBe('failed INCOMPLETE_RESULT, 0 results, 100 left');
  expect(await attempts(taskId)).toMatchObject([{ error_code: 'wrong_count', settled_cost_micro_yuan: 480_000 }]);
  expect(await creates()).toBe(1);
});

test('a lost answer is not paid twice: the hint names the work, which is then found', async () => {
  await fault('timeout_after_commit', { match: { action: 'CreateTask' } });
  const { who, taskId } = await begin('twelve');
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toMatchObject([{ ...done, settled_cost_micro_yuan: 480_000 }]);
  expect(await creates()).toBe(1);
});

test('a worker that is thought dead while it hands work over still says whose it is', async () => {
  await fault('slow', { ms: 700, match: { action: 'CreateTask' } });
  const { who, taskId } = await begin('twelve');
  const first = runner().run({ taskId });
  await until(async () => (await attempts(taskId)).length === 1, { what: 'the attempt' });
  await rig.database.db
    .updateTable('tasks')
    .set({ lease_until: new Date(0) })
    .where('id', '=', taskId)
    .execute();
  expect(await runner().run({ taskId })).toMatchObject({ againAt: expect.any(Date) });
  await first;
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await creates()).toBe(1);
});

test('an account that answers drop by drop may have taken the order: nobody else is asked before it is known', async () => {
  const { db } = rig.database;
  const limit = (seconds: number) =>
    db.updateTable('provider_endpoints').set({ timeout_seconds: seconds }).where('provider_ref', '=', A).execute();
  await fault('trickle', { ms: 60_000, match: { account: 'a', action: 'CreateTask' } });
  await limit(1);
  const { who, taskId } = await begin('twelve');
  const began = performance.now();
  await runner().run({ taskId });
  await limit(30);
  expect(performance.now() - began).toBeLessThan(10_000);
  // The vendor's hint names the work, which is then found and waited for: one order, one bill.
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toMatchObject([{ provider_ref: A, status: 'succeeded' }]);
  expect(await creates('a')).toBe(1);
}, 60_000);

test('results that arrive drop by drop are not waited for longer than the step may take: refunded, and a cost', async () => {
  await fault('result_trickle', { ms: 600_000, match: { account: 'a' }, times: 'always' });
  const { who, taskId } = await begin('in_a_hurry');
  await finish(taskId);
  expect(await end(taskId, who)).toBe('failed TASK_TIMED_OUT, 0 results, 100 left');
  expect(await attempts(taskId)).toMatchObject([
    { provider_ref: A, status: 'failed', error_code: 'result_unreachable', settled_cost_micro_yuan: 480_000 },
  ]);
}, 60_000);

test('without a hint nobody else is asked before the limit has passed', async () => {
  await fault('webhook_never', { times: 'always', match: { account: 'a' } });
  await fault('timeout_after_commit', { match: { action: 'CreateTask' } });
  const { who, taskId } = await begin('twelve');
  await runner().run({ taskId });
  for (const later of [0, 20_000, 40_000]) {
    expect(await runner(later).run({ taskId })).toMatchObject({ againAt: expect.any(Date) });
    expect(await creates()).toBe(1);
  }
  await runner(70_000).run({ taskId });
  expect(await attempts(taskId)).toMatchObject([
    { provider_ref: A, status: 'failed', error_class: 'unknown_outcome', error_code: 'timeout' },
    { provider_ref: B },
  ]);
  await rig.tasks.cancel(who.userId, taskId);
  await finish(taskId);
});

test('work that takes longer than it may is stopped, and the next is asked', async () => {
  await fault('work', { ms: 60_000, match: { account: 'a' } });
  const { who, taskId } = await begin('few_looks');
  for (let look = 0; look < 3; look++) await runner().run({ taskId });
  const tasks = await rig.sandbox.control.log({ vendor: 'runninghub' });
  expect(tasks.filter(({ action }) => /cancel/i.test(action))).toHaveLength(1);
  expect((await attempts(taskId))[0]).toMatchObject({ error_code: 'waited_in_vain' });
  expect(await creates('b')).toBe(1);
  await rig.tasks.cancel(who.userId, taskId);
  await finish(taskId);
});

test('a queued task that is cancelled is stopped at the vendor and refunded; a running one is paid', async () => {
  await rig.sandbox.control.fault({ vendor: 'runninghub', kind: 'work', ms: 600_000, times: 'always' });
  const queued = await begin('only_a');
  await runner().run({ taskId: queued.taskId });
  await rig.tasks.cancel(queued.who.userId, queued.taskId);
  await finish(queued.taskId);
  expect(await end(queued.taskId, queued.who)).toBe('cancelled, 0 results, 100 left');
  expect(await attempts(queued.taskId)).toMatchObject([{ error_code: 'cancelled', settled_cost_micro_yuan: 0 }]);

  await rig.sandbox.control.clearFaults();
  await fault('work', { ms: 3_000 });
  const running = await begin('only_a');
  await runner().run({ taskId: running.taskId });
  await until(async () => (await hubStatus(running.taskId)) === 'RUNNING', { what: 'the vendor to begin' });
  await rig.tasks.cancel(running.who.userId, running.taskId);
  await finish(running.taskId);
  expect(await end(running.taskId, running.who)).toBe('cancelled, 0 results, 99 left');
});

test('work that goes on although it was cancelled is a cost, not a result', async () => {
  await fault('cancel_ignored');
  const { who, taskId } = await begin('only_a');
  await runner().run({ taskId });
  await rig.tasks.cancel(who.userId, taskId);
  await finish(taskId);
  expect(await end(taskId, who)).toBe('cancelled, 0 results, 99 left');
  await until(async () => (await hubStatus(taskId)) === 'SUCCESS', { what: 'the late success' });
  await until(async () => {
    await runner(400_000).sweep();
    return (await attempts(taskId))[0]?.error_code === 'late_success';
  });
  expect(await attempts(taskId)).toMatchObject([{ settled_cost_micro_yuan: 480_000 }]);
  expect(await end(taskId, who)).toBe('cancelled, 0 results, 99 left');
});

async function hubStatus(taskId: string): Promise<string | undefined> {
  const row = await rig.database.db
    .selectFrom('task_attempts')
    .select('vendor_ref')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  const tasks = await rig.sandbox.control.runninghubTasks();
  return tasks.find((task) => task.taskId === row?.vendor_ref)?.status;
}

test('what is delivered after the task was refunded is a cost, and nothing else', async () => {
  const { who, taskId } = await begin('only_a');
  await runner().run({ taskId });
  await runner(200_000).sweep();
  expect(await end(taskId, who)).toBe('failed TASK_TIMED_OUT, 0 results, 100 left');
  await until(async () => (await hubStatus(taskId)) === 'SUCCESS', { what: 'the late success' });
  await until(async () => {
    await runner(400_000).sweep();
    return (await attempts(taskId))[0]?.error_code === 'late_success';
  });
  expect(await attempts(taskId)).toMatchObject([{ status: 'unknown', settled_cost_micro_yuan: 480_000 }]);
  expect(await end(taskId, who)).toBe('failed TASK_TIMED_OUT, 0 results, 100 left');
});

test('a dead first account hears at most three calls for fifteen tasks, and is asked again once it answers', async () => {
  await fault('account_down', { match: { account: 'a' }, times: 'always' });
  for (let i = 0; i < 15; i++) await runner().run({ taskId: (await begin('twelve')).taskId });
  const calls = await rig.sandbox.control.log({ vendor: 'runninghub' });
  expect(calls.filter(({ ids }) => ids['account'] === 'a').length).toBeLessThanOrEqual(3);
  expect(await rig.database.db.selectFrom('alerts').select('kind').execute()).toEqual([{ kind: 'provider_down' }]);

  const probe = (aheadMs: number) =>
    probeProviders({ db: rig.database.db, clock: ahead(aheadMs), providers: edge.providers });
  expect(await probe(9_000)).toBe(0);
  await rig.sandbox.control.clearFaults();
  expect(await probe(14_000)).toBe(0);
  expect(await probe(18_000)).toBe(1);
  const { taskId } = await begin('twelve');
  await runner().run({ taskId });
  expect(await attempts(taskId)).toMatchObject([{ provider_ref: A, status: 'submitted' }]);
}, 60_000);

test('an account whose work keeps failing is left alone, though it takes every order', async () => {
  await fault('task_failed', { match: { account: 'a' }, times: 'always' });
  for (let i = 0; i < 3; i++) await finish((await begin('twelve')).taskId);
  expect(await creates('a')).toBe(3);
  const { who, taskId } = await begin('twelve');
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toMatchObject([{ provider_ref: B, status: 'succeeded' }]);
}, 60_000);

test('two workers on the same tasks submit each once', async () => {
  const begun = await Promise.all(Array.from({ length: 3 }, () => begin('twelve')));
  await Promise.all(begun.flatMap(({ taskId }) => [runner().run({ taskId }), runner().run({ taskId })]));
  await Promise.all(begun.map(({ taskId }) => finish(taskId)));
  for (const { taskId, who } of begun) expect(await end(taskId, who)).toBe(GOOD);
  expect(await creates()).toBe(3);
}, 60_000);

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
