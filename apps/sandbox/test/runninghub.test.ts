import { renderSampleGarment } from '@yunshang/image-engine';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { download, hubClient, photoNode } from './hub.ts';
import { startMerchant, startSandbox, type RunningSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_RUNNINGHUB_WORK_MS: '200000', SANDBOX_NOTIFY_TIMEOUT_MS: '300' });
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

const workMs = (ms: number) => sandbox.control('POST', '/_control/runninghub/settings', { workMs: ms });

it('goes from queued to running to twelve pictures of the photo, the cost repeated on each row', async () => {
  await workMs(1_500);
  const hub = hubClient(sandbox);
  const created = await hub.create(await hub.uploaded());
  expect(created).toMatchObject({ code: 0, data: { taskStatus: 'QUEUED' } });
  const taskId = String(created.data['taskId']);
  expect(taskId).toMatch(/^\d{19}$/);
  expect(String(Number(taskId))).not.toBe(taskId);
  expect(await hub.outputs(taskId)).toMatchObject({ code: 813, data: null });
  await expect.poll(async () => (await hub.outputs(taskId)).code, { interval: 20 }).toBe(804);
  expect((await hub.post('/task/openapi/status', { taskId })).data).toBe('RUNNING');

  const rows = await hub.rows(taskId);
  expect(rows).toHaveLength(12);
  expect(new Set(rows.map((row) => `${row.consumeMoney} ${row.consumeCoins}`))).toEqual(new Set(['0.480 null']));
  const pictures = await Promise.all(rows.map((row) => download(row.fileUrl)));
  expect(new Set(pictures.map(({ bytes }) => bytes.toString('base64'))).size).toBe(12);
  for (const { type, bytes } of pictures) {
    expect(type).toBe('image/jpeg');
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 768, height: 1024 });
  }
});

it('makes one MP4 by the video workflow, and by the app', async () => {
  const hub = hubClient(sandbox, 'B');
  const nodeInfoList = photoNode(await hub.uploaded());
  const byWorkflow = await hub.post('/task/openapi/create', {
    workflowId: sandbox.client.runninghubVideoWorkflowB,
    nodeInfoList,
  });
  const byApp = await hub.post('/task/openapi/ai-app/run', {
    webappId: sandbox.client.runninghubVideoWebapp,
    nodeInfoList,
  });
  for (const { data } of [byWorkflow, byApp]) {
    const rows = await hub.rows(String(data['taskId']));
    expect(rows).toMatchObject([{ fileType: 'mp4', consumeCoins: '48', consumeMoney: null }]);
    const { type, bytes } = await download(rows[0]?.fileUrl ?? '');
    expect(type).toBe('video/mp4');
    expect(bytes.toString('latin1', 4, 12)).toBe('ftypisom');
    for (const box of ['moov', 'avcC', 'mdat']) expect(bytes.includes(box)).toBe(true);
  }
});

it('believes a key only where it belongs, and shows an account nothing of the other', async () => {
  const [a, b] = [hubClient(sandbox, 'A'), hubClient(sandbox, 'B')];
  const fileName = await a.uploaded();
  expect(await a.create(fileName, { apiKey: 'f'.repeat(32) })).toMatchObject({ code: 802 });
  expect(await a.create(fileName, { apiKey: b.apiKey })).toMatchObject({ code: 802 });
  expect(await b.create(fileName)).toMatchObject({ code: 433 });
  const ownFile = await b.uploaded();
  expect(await b.create(ownFile, { workflowId: sandbox.client.runninghubPoseWorkflowA })).toMatchObject({ code: 380 });
  const taskId = await a.started();
  expect(await b.outputs(taskId)).toMatchObject({ code: 807 });
  expect(await b.post('/task/openapi/cancel', { taskId })).toMatchObject({ code: 807 });
});

it('refuses what a workflow cannot take', async () => {
  const hub = hubClient(sandbox);
  const fileName = await hub.uploaded();
  const refusals = [
    [await hub.create(fileName, { workflowId: sandbox.client.runninghubUnsavedWorkflow }), 810],
    [await hub.create(fileName, { workflowId: '1900000000000000001' }), 380],
    [await hub.create(fileName, { workflowId: 1_900_000_000 }), 301],
    [await hub.create(fileName, { webhookUrl: 'not-a-url' }), 301],
    [await hub.create(fileName, { nodeInfoList: [{ nodeId: 10, fieldName: 'image', fieldValue: fileName }] }), 301],
    [await hub.create(fileName, { nodeInfoList: [{ nodeId: '99', fieldName: 'image', fieldValue: 'x' }] }), 803],
    [await hub.create('api/never-uploaded.png'), 433],
    [await hub.post('/task/openapi/ai-app/run', { webappId: '1900000000000000001', nodeInfoList: [] }), 901],
    [await hub.upload(Buffer.alloc(0)), 808],
    [await hub.upload(Buffer.alloc(30 * 1024 * 1024 + 1)), 809],
    [await hub.outputs('1900000000000000001'), 807],
  ] as const;
  expect(refusals.map(([answer]) => answer.code)).toEqual(refusals.map(([, code]) => code));
});

it('fails a task whose photo cannot be opened', async () => {
  const hub = hubClient(sandbox);
  const { data } = await hub.upload(Buffer.from('no picture'));
  const { data: created } = await hub.create(data['fileName']);
  expect(await hub.ended(String(created['taskId']))).toMatchObject({
    code: 805,
    data: { failedReason: { exception_type: 'UnidentifiedImageError' } },
  });
});

it('takes as many unfinished tasks as the account may have, and frees the place of a cancelled one', async () => {
  await workMs(60_000);
  await sandbox.control('POST', '/_control/runninghub/settings', { concurrency: { a: 1 } });
  const hub = hubClient(sandbox);
  const first = await hub.started();
  const fileName = await hub.uploaded();
  expect(await hub.create(fileName)).toMatchObject({ code: 421, msg: 'TASK_QUEUE_MAXED' });
  expect(await hub.post('/uc/openapi/accountStatus', { apikey: hub.apiKey })).toMatchObject({
    code: 0,
    data: { currentTaskCounts: '1', apiType: 'SHARED', remainMoney: '500.000' },
  });
  expect(await hub.post('/task/openapi/cancel', { taskId: first })).toMatchObject({ code: 0, data: null });
  expect(await hub.outputs(first)).toMatchObject({ code: 805 });
  expect(await hub.post('/task/openapi/cancel', { taskId: first })).toMatchObject({ code: 805 });
  expect(await hub.create(fileName)).toMatchObject({ code: 0 });
});

it('tells the webhook once, unsigned, what outputs answers as text; and again when it was not heard', async () => {
  await using deaf = await startMerchant([500, 0, 200]);
  await using good = await startMerchant([200]);
  const hub = hubClient(sandbox);
  const told = await hub.started({ webhookUrl: good.url });
  const repeated = await hub.started({ webhookUrl: deaf.url });
  await expect.poll(() => good.received.length).toBe(1);
  const event = JSON.parse(good.received[0]?.body.toString() ?? '');
  expect(event).toMatchObject({ event: 'TASK_END', taskId: told });
  expect(JSON.parse(event.eventData)).toEqual(await hub.outputs(told));
  await expect.poll(() => deaf.received.length, { timeout: 10_000 }).toBe(3);
  const { tasks } = await sandbox.control<{ tasks: { taskId: string; webhooks: { status: number | null }[] }[] }>(
    'GET',
    '/_control/runninghub/tasks',
  );
  const tries = tasks.find((task) => task.taskId === repeated)?.webhooks.map((attempt) => attempt.status);
  expect(tries).toEqual([500, null, 200]);
});

it('speaks the second version: a Bearer token alone, flat answers, codes as text', async () => {
  const { runninghubKeyA, runninghubPoseWorkflowA } = sandbox.client;
  const call = async (path: string, body: string | FormData | undefined, key = runninghubKeyA) => {
    const headers = { authorization: `Bearer ${key}` };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body };
    return (await (await fetch(`${sandbox.baseUrl}/openapi/v2/${path}`, init)).json()) as Record<string, unknown>;
  };
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(await renderSampleGarment())]), 'photo.jpg');
  const media = await call('media/upload/binary', form);
  expect(media).toMatchObject({ code: 0, message: 'success', data: { type: 'image' } });
  const { download_url } = media['data'] as { download_url: string };
  const run = JSON.stringify({ nodeInfoList: photoNode(download_url) });
  const started = await call(`run/workflow/${runninghubPoseWorkflowA}`, run);
  expect(started).toMatchObject({ status: 'QUEUED', errorCode: '', results: null });
  const query = JSON.stringify({ taskId: started['taskId'] });
  await expect.poll(async () => (await call('query', query))['status']).toBe('SUCCESS');
  const done = await call('query', query);
  expect(done).toMatchObject({ usage: { consumeMoney: '0.480', consumeCoins: null } });
  expect(done['results']).toHaveLength(12);
  expect(await call('queue/status', undefined)).toMatchObject({ totalCurrentTasks: 0, concurrentLimit: 50 });
  expect(await call('query', query, 'wrong')).toMatchObject({ errorCode: '1002', status: '' });
  expect(await call('run/workflow/1900000000000000001', run)).toMatchObject({ errorCode: '380' });
});
