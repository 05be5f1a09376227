import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { download, hubClient } from './hub.ts';
import { startMerchant, startSandbox, type RunningSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_RUNNINGHUB_WORK_MS: '60000' });
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

const fault = (kind: string, more: Record<string, unknown> = {}) =>
  sandbox.fault({ vendor: 'runninghub', kind, ...more });
type Tasks = { tasks: { taskId: string; status: string; webhooks: { kind: string }[] }[] };
const tasks = async () => (await sandbox.control<Tasks>('GET', '/_control/runninghub/tasks')).tasks;

it('answers any code inside HTTP 200, in its own words', async () => {
  const hub = hubClient(sandbox);
  const fileName = await hub.uploaded();
  await fault('error', { code: '415', match: { action: 'CreateTask' } });
  expect(await hub.create(fileName)).toEqual({ code: 415, msg: 'TASK_INSTANCE_MAXED', data: null });
  await fault('empty_wallet', { match: { account: 'a' } });
  expect(await hub.post('/uc/openapi/accountStatus', { apikey: hub.apiKey })).toMatchObject({
    data: { remainMoney: '0.000', remainCoins: '0' },
  });
  expect(await hub.create(fileName)).toMatchObject({ code: 416 });
  expect(await hub.create(fileName)).toMatchObject({ code: 0 });
  await fault('not_json');
  await expect(hub.create(fileName)).rejects.toThrow(/JSON/);
});

it('takes one account down and leaves the other', async () => {
  const [a, b] = [hubClient(sandbox, 'A'), hubClient(sandbox, 'B')];
  await fault('account_down', { times: 'always', match: { account: 'a' } });
  expect(await a.post('/uc/openapi/accountStatus', { apikey: a.apiKey })).toMatchObject({ code: 500 });
  expect(await b.post('/uc/openapi/accountStatus', { apikey: b.apiKey })).toMatchObject({ code: 0 });
  const { calls } = await sandbox.control<{ calls: unknown[] }>('GET', '/_control/log?vendor=runninghub');
  expect(calls).toMatchObject([
    { action: 'AccountStatus', ids: { account: 'a' }, status: 503, code: '500' },
    { action: 'AccountStatus', ids: { account: 'b' }, status: 200 },
  ]);
});

it('keeps silent before a task is there, or after', async () => {
  const hub = hubClient(sandbox, 'A', { timeoutMs: 1_000 });
  const fileName = await hub.uploaded();
  await fault('timeout', { match: { action: 'CreateTask' } });
  await expect(hub.create(fileName)).rejects.toThrow('timeout');
  expect(await tasks()).toHaveLength(0);
  await fault('timeout_after_commit', { match: { action: 'CreateTask' } });
  await expect(hub.create(fileName)).rejects.toThrow('timeout');
  expect(await tasks()).toHaveLength(1);
  await fault('drop', { match: { action: 'CreateTask' } });
  await expect(hub.create(fileName)).rejects.toThrow('fetch failed');
});

it('writes a task id as a bare number, which JSON.parse spoils', async () => {
  await using listener = await startMerchant([200]);
  await fault('number_ids');
  const hub = hubClient(sandbox);
  const { data } = await hub.create(await hub.uploaded(), { webhookUrl: listener.url });
  const [task] = await tasks();
  await expect.poll(() => listener.received[0]?.body.toString()).toContain(`"taskId":${task?.taskId},`);
  expect(typeof data['taskId']).toBe('number');
  expect(String(data['taskId'])).not.toBe(task?.taskId);
});

it('fails, empties, shortens and spoils results', async () => {
  const hub = hubClient(sandbox);
  await fault('task_failed', { exceptionType: 'ValueError' });
  const failed = await hub.started();
  expect(await hub.ended(failed)).toMatchObject({
    code: 805,
    data: { failedReason: { exception_type: 'ValueError' } },
  });
  await fault('empty_result');
  expect(await hub.rows(await hub.started())).toEqual([]);
  await fault('wrong_count', { count: 11 });
  expect(await hub.rows(await hub.started())).toHaveLength(11);
  await fault('corrupt_picture', { index: 1 });
  const rows = await hub.rows(await hub.started());
  const [whole, spoiled] = await Promise.all(rows.slice(0, 2).map((row) => download(row.fileUrl)));
  expect(spoiled?.status).toBe(200);
  await expect(sharp(whole?.bytes).stats()).resolves.toBeDefined();
  await expect(sharp(spoiled?.bytes).stats()).rejects.toThrow(/./);
});

it('answers success without data while a task runs, as the older documents say', async () => {
  await fault('legacy_running');
  await fault('work', { ms: 800 });
  const hub = hubClient(sandbox);
  const taskId = await hub.started();
  expect(await hub.outputs(taskId)).toEqual({ code: 0, msg: '任务正在运行中', data: null });
  expect(await hub.rows(taskId)).toHaveLength(12);
});

it('leads results inside, by their address or by a redirect', async () => {
  const hub = hubClient(sandbox);
  await fault('result_url', { url: 'http://10.0.0.1/secret' });
  const [inside] = await hub.rows(await hub.started());
  expect(inside?.fileUrl).toBe('http://10.0.0.1/secret');
  await fault('result_redirect');
  const [redirected] = await hub.rows(await hub.started());
  const answer = await fetch(redirected?.fileUrl ?? '', { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://169.254.169.254/latest/meta-data/']);
});

it('lets results expire, after a day or at once', async () => {
  const hub = hubClient(sandbox);
  await fault('result_expired');
  const [at] = await hub.rows(await hub.started());
  expect((await download(at?.fileUrl ?? '')).status).toBe(403);
  const [later] = await hub.rows(await hub.started());
  expect((await download(later?.fileUrl ?? '')).status).toBe(200);
  sandbox.setOffsetMs(25 * 3_600_000);
  expect((await download(later?.fileUrl ?? '')).status).toBe(403);
  sandbox.setOffsetMs(0);
});

it('trickles, and breaks off, the file of a result', async () => {
  const hub = hubClient(sandbox);
  await fault('result_trickle', { ms: 300 });
  const [row] = await hub.rows(await hub.started());
  const before = performance.now();
  const { bytes } = await download(row?.fileUrl ?? '');
  expect(performance.now() - before).toBeGreaterThanOrEqual(250);
  expect((await sharp(bytes).metadata()).format).toBe('jpeg');
  await fault('drop', { match: { action: 'GetResult' } });
  const [dropped] = await hub.rows(await hub.started());
  await expect(download(dropped?.fileUrl ?? '')).rejects.toThrow('fetch failed');
});

it('accepts a cancellation and completes all the same', async () => {
  await fault('cancel_ignored');
  await fault('work', { ms: 800 });
  const hub = hubClient(sandbox);
  const taskId = await hub.started();
  expect(await hub.post('/task/openapi/cancel', { taskId })).toMatchObject({ code: 0 });
  expect(await hub.rows(taskId)).toHaveLength(12);
});

it.each([
  ['webhook_never', 0],
  ['webhook_duplicate', 3],
  ['webhook_late', 1],
  ['webhook_forged', 1],
  ['webhook_early', 1],
])('%s: the webhook is called %i times', async (kind, calls) => {
  await using listener = await startMerchant([200]);
  await fault(kind, { webhook_duplicate: { count: 3 }, webhook_late: { ms: 20 } }[kind]);
  const hub = hubClient(sandbox);
  const taskId = await hub.started({ webhookUrl: listener.url });
  await hub.ended(taskId);
  await expect.poll(() => listener.received.length).toBe(calls);
  const told = listener.received.map(({ body }) => JSON.parse(body.toString()).taskId === taskId);
  expect(told).toEqual(Array.from({ length: calls }, () => kind !== 'webhook_forged'));
});

it('calls the webhook before it says that there is a task', async () => {
  await using listener = await startMerchant([200]);
  await fault('webhook_early');
  await hubClient(sandbox).started({ webhookUrl: listener.url });
  const event = JSON.parse(listener.received[0]?.body.toString() ?? '');
  expect(JSON.parse(event.eventData)).toMatchObject({ code: 813 });
});
