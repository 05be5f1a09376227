import { signCallback, type CallbackBody } from '@yunshang/callback';
import { isAppError } from '@yunshang/contracts';
import { until, type MadeMember } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { IncomingCallback } from '../src/index.ts';
import { addFeature } from './features.ts';
import { ahead, createRig, type Rig } from './rig.ts';
import { callbackKeys, openEdge, writeScf, type Edge } from './vendor-rows.ts';

const FUNCTIONS = {
  'image-grid': { outputs: [{ name: 'image', contentType: 'image/jpeg' }] },
  'poster-composer': { outputs: [{ name: 'image', contentType: 'image/jpeg' }] },
};

let rig: Rig;
let edge: Edge;
beforeAll(async () => {
  rig = await createRig();
  edge = await openEdge(rig);
  await addFeature(rig.database.db, 'a_poster', {
    compose: {
      type: 'scf',
      scfFunction: 'poster-composer',
      providerCandidates: ['scf-main'],
      inputMapping: { image: '${input_data.photo}', title: '夏季上新' },
      retry: { maxAttempts: 2, delaySeconds: 0, backoff: 'fixed' },
      timeoutSeconds: 120,
    },
  });
});
beforeEach(async () => {
  await rig.sandbox.control.reset();
  await writeScf(rig, FUNCTIONS);
  await rig.database.db
    .updateTable('provider_health')
    .set({ status: 'up', consecutive_failures: 0, probe_after: null })
    .execute();
});
afterAll(async () => {
  edge.close();
  await rig.close();
});

const fault = (kind: string, more: Record<string, unknown> = {}) =>
  rig.sandbox.control.fault({ vendor: 'scf', kind, ...more });

const attempts = (taskId: string) =>
  rig.database.db
    .selectFrom('task_attempts')
    .select(['id', 'attempt_no', 'status', 'error_class', 'error_code', 'settled_cost_micro_yuan', 'result'])
    .where('task_id', '=', taskId)
    .orderBy('attempt_no')
    .execute();

async function begin(photo?: Buffer): Promise<{ who: MadeMember; taskId: string }> {
  const who = await rig.member();
  if (photo !== undefined) await rig.storage.put(`u/${who.userId}/uploads/${who.assetId}.jpg`, photo, 'image/jpeg');
  return { who, taskId: await rig.task(who, 'a_poster') };
}

const run = (taskId: string, aheadMs = 0) =>
  rig.runner({ clock: ahead(aheadMs), providers: edge.providers }).run({ taskId });
const finish = (taskId: string, aheadMs = 0): Promise<unknown> =>
  until(async () => (await run(taskId, aheadMs)) === 'done', { what: 'the end of the task' });

async function end(taskId: string, who: MadeMember): Promise<string> {
  const { db } = rig.database;
  const [task, assets, user] = await Promise.all([
    rig.tasks.get(who.userId, taskId),
    db.selectFrom('assets').select('object_key').where('task_id', '=', taskId).execute(),
    db.selectFrom('users').select('quota_remaining').where('id', '=', who.userId).executeTakeFirstOrThrow(),
  ]);
  const code = task.failure === null ? '' : ` ${task.failure.code}`;
  return `${task.status}${code}, ${assets.length} results, ${user.quota_remaining} left`;
}
const GOOD = 'succeeded, 1 results, 99 left';

test('a real function is invoked, answers by a signed callback, and its file becomes the result', async () => {
  const { who, taskId } = await begin();
  expect(await run(taskId)).toMatchObject({ againAt: expect.any(Date) });
  await until(async () => (await attempts(taskId))[0]?.result !== null, { what: 'the callback', timeoutMs: 15_000 });
  expect(await run(taskId)).toBe('done');
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toMatchObject([{ status: 'succeeded', settled_cost_micro_yuan: expect.any(Number) }]);
  const asset = await rig.database.db
    .selectFrom('assets')
    .select(['object_key', 'width', 'height'])
    .where('task_id', '=', taskId)
    .executeTakeFirstOrThrow();
  expect(asset).toEqual({
    object_key: `u/${who.userId}/results/${taskId}/0-1-image.jpg`,
    width: 1080,
    height: 1440,
  });
});

test.each([
  ['it is invoked twice', 'duplicate'],
  ['the callback comes many times', 'callback_duplicate'],
])('%s: one result', async (_what, kind) => {
  await fault(kind);
  const { who, taskId } = await begin();
  await run(taskId);
  await until(async () => (await attempts(taskId))[0]?.result !== null, { what: 'the callback', timeoutMs: 15_000 });
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toHaveLength(1);
});

test('a callback that is lost is no loss: the file lies where only this attempt could put it', async () => {
  await fault('callback_lost', { times: 'always' });
  const { who, taskId } = await begin();
  await run(taskId);
  const key = `work/${who.userId}/${taskId}/0-1-image.jpg`;
  await until(async () => (await rig.storage.head(key)) !== undefined, { what: 'the file', timeoutMs: 15_000 });
  expect(await run(taskId)).toMatchObject({ againAt: expect.any(Date) });
  expect(await run(taskId, 121_000)).toBe('done');
  expect(await end(taskId, who)).toBe(GOOD);
});

test('an invocation whose answer was lost is waited for, and found by its callback', async () => {
  await fault('timeout_after_commit');
  const { who, taskId } = await begin();
  await run(taskId);
  await until(async () => (await attempts(taskId))[0]?.result !== null, { what: 'the callback', timeoutMs: 15_000 });
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toHaveLength(1);
});

test('a refused invocation is tried again, and a function that never starts ends in a refund', async () => {
  await fault('error', { times: 'always' });
  const refused = await begin();
  await finish(refused.taskId);
  expect(await end(refused.taskId, refused.who)).toBe('failed PROVIDER_FAILED, 0 results, 100 left');
  expect(await attempts(refused.taskId)).toMatchObject([
    { error_code: 'scf_internal' },
    { error_code: 'scf_internal' },
  ]);
  await rig.sandbox.control.clearFaults();
  await fault('never_started', { times: 'always' });
  const unanswered = await begin();
  await run(unanswered.taskId);
  expect(await run(unanswered.taskId, 121_000)).toBe('done');
  expect(await end(unanswered.taskId, unanswered.who)).toBe('failed TASK_TIMED_OUT, 0 results, 100 left');
});

test('a function that comes back after its task was refunded is a cost, and its file nobody gets', async () => {
  await fault('start_late', { ms: 1_500 });
  const { who, taskId } = await begin();
  await run(taskId);
  expect(await run(taskId, 121_000)).toBe('done');
  expect(await end(taskId, who)).toBe('failed TASK_TIMED_OUT, 0 results, 100 left');
  await until(async () => (await attempts(taskId))[0]?.result !== null, { what: 'the callback', timeoutMs: 15_000 });
  // It was answered like any other, so the function does not come again.
  expect(edge.seen.filter((path) => path.includes(taskId))).toHaveLength(1);
  await rig.runner({ clock: ahead(200_000), providers: edge.providers }).sweep();
  expect(await attempts(taskId)).toMatchObject([
    { status: 'unknown', error_code: 'late_success', settled_cost_micro_yuan: expect.any(Number) },
  ]);
  expect(await end(taskId, who)).toBe('failed TASK_TIMED_OUT, 0 results, 100 left');
});

test('an invocation that is answered drop by drop is waited for, and found by its callback', async () => {
  const { db } = rig.database;
  const limit = (seconds: number) =>
    db.updateTable('provider_endpoints').set({ timeout_seconds: seconds }).where('kind', '=', 'scf').execute();
  await fault('trickle', { ms: 60_000, match: { action: 'Invoke' } });
  await limit(1);
  const { who, taskId } = await begin();
  const began = performance.now();
  await run(taskId);
  await limit(60);
  expect(performance.now() - began).toBeLessThan(10_000);
  await until(async () => (await attempts(taskId))[0]?.result !== null, { what: 'the callback', timeoutMs: 15_000 });
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  expect(await attempts(taskId)).toMatchObject([{ attempt_no: 1, status: 'succeeded' }]);
});

test('a picture the function can not use is named to the member, and refunded', async () => {
  const { who, taskId } = await begin(Buffer.from('not a picture at all'));
  await run(taskId);
  await until(async () => (await attempts(taskId))[0]?.result !== null, { what: 'the callback', timeoutMs: 15_000 });
  await finish(taskId);
  expect(await end(taskId, who)).toBe('failed IMAGE_REFUSED, 0 results, 100 left');
  expect(await attempts(taskId)).toMatchObject([{ error_class: 'member_input', error_code: 'input_refused' }]);
});

/** A task whose function was invoked and never runs: the test answers in its place. */
async function silent() {
  await fault('never_started', { times: 'always' });
  const begun = await begin();
  await run(begun.taskId);
  const [attempt] = await attempts(begun.taskId);
  const key = `work/${begun.who.userId}/${begun.taskId}/0-1-image.jpg`;
  await rig.storage.put(key, rig.garment, 'image/jpeg');
  const file = { key, contentType: 'image/jpeg', bytes: rig.garment.length };
  const body = { jobId: attempt?.id ?? '', status: 'succeeded', output: { image: file } } satisfies CallbackBody;
  return { ...begun, body, file };
}

function signed(
  taskId: string,
  body: CallbackBody,
  changes: Partial<IncomingCallback> & { now?: Date } = {},
): IncomingCallback {
  const path = `/api/internal/tasks/${taskId}/steps/0/callback`;
  const rawBody = Buffer.from(JSON.stringify(body));
  const { now = new Date(), ...rest } = changes;
  const keys = callbackKeys(rig.sandbox.settings.callbackKeys);
  const headers = { ...signCallback({ keys, path, rawBody, now, nonce: randomUUID() }) };
  return { taskId, stepIndex: 0, path, rawBody, headers, ...rest };
}
const accept = (callback: IncomingCallback): Promise<void> => edge.callbacks.accept(callback);

test("nobody else's signature, path, body, nonce, time, job or key is taken", async () => {
  const { taskId, body, file } = await silent();
  const other = await silent();
  const good = signed(taskId, body);
  const elsewhere = { ...body, output: { image: { ...file, key: other.file.key } } };
  const tooShort = { ...body, output: { image: { ...file, bytes: 1 } } };
  const forged: [string, IncomingCallback][] = [
    ['signature', { ...good, headers: { ...good.headers, 'x-ys-signature': 'a'.repeat(64) } }],
    ['no headers', { ...good, headers: {} }],
    ['path', { ...good, path: good.path.replace('/0/', '/1/') }],
    ['body', { ...good, rawBody: Buffer.from(JSON.stringify({ ...body, jobId: other.body.jobId })) }],
    ['old', signed(taskId, body, { now: new Date(Date.now() - 310_000) })],
    ['future', signed(taskId, body, { now: new Date(Date.now() + 310_000) })],
    ['job of another task', signed(taskId, other.body)],
    ['job of nobody', signed(taskId, { ...body, jobId: 'nobody' })],
    ['key of another task', signed(taskId, elsewhere)],
    ['size that is not true', signed(taskId, tooShort)],
    ['no body', signed(taskId, body, { rawBody: Buffer.alloc(0) })],
  ];
  for (const [what, callback] of forged) {
    const code: unknown = await accept(callback).then(
      () => 'taken',
      (error: unknown) => (isAppError(error) ? error.code : error),
    );
    expect([what, code]).toEqual([what, 'CALLBACK_REFUSED']);
  }
  expect((await attempts(taskId))[0]?.result).toBeNull();
  await accept(good);
  expect((await attempts(taskId))[0]?.result).not.toBeNull();
  await expect(accept(good)).rejects.toMatchObject({ code: 'CALLBACK_REFUSED', details: { reason: 'replayed' } });
  await finish(taskId);
});

test('ten at once are one, and after the end all are answered and change nothing', async () => {
  const { taskId, who, body } = await silent();
  await Promise.all(Array.from({ length: 10 }, () => accept(signed(taskId, body))));
  await finish(taskId);
  expect(await end(taskId, who)).toBe(GOOD);
  const before = await attempts(taskId);
  await accept(
    signed(taskId, { jobId: body.jobId, status: 'failed', error: { code: 'RENDER_FAILED', message: 'too late' } }),
  );
  expect(await attempts(taskId)).toEqual(before);
  expect(await end(taskId, who)).toBe(GOOD);
});

test('a callback makes the task due now', async () => {
  const { taskId, body } = await silent();
  const outbox = rig.database.db.updateTable('outbox').where('dedup_key', '=', `task:${taskId}`);
  await outbox.set({ due_at: new Date(Date.now() + 600_000) }).execute();
  await accept(signed(taskId, body));
  const row = await rig.database.db
    .selectFrom('outbox')
    .select('due_at')
    .where('dedup_key', '=', `task:${taskId}`)
    .executeTakeFirst();
  expect(row?.due_at.getTime()).toBeLessThanOrEqual(Date.now());
  await finish(taskId);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(rig.database.db, { now: new Date() })).toEqual([]);
});
