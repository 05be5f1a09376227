import { renderSampleGarment } from '@yunshang/image-engine';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startMerchant, startSandbox, type RunningSandbox } from './sandbox.ts';
import { FIXTURES, invocations, scfClient } from './scf-client.ts';
import { cosClient, place, presignedGet } from './storage.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_FUNCTIONS_DIR: FIXTURES, SANDBOX_FUNCTION_TIMEOUT_MS: '3000' });
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

it('runs a function in a process of its own and waits for what it returns', async () => {
  const ClientContext = JSON.stringify({ word: '云裳' });
  const { Result } = await scfClient(sandbox).Invoke({ FunctionName: 'echo', ClientContext, LogType: 'Tail' });
  expect(Result).toMatchObject({ InvokeResult: 0, ErrMsg: '', Log: expect.stringContaining('heard 云裳') });
  const returned = JSON.parse(Result?.RetMsg ?? '');
  expect(returned).toMatchObject({ event: { word: '云裳' }, name: 'echo' });
  expect(returned.names.filter((name: string) => /SANDBOX|SECRET|WECHAT|TENCENT_/.test(name))).toEqual([]);
  const again = await scfClient(sandbox).InvokeFunction({ FunctionName: 'echo', Event: ClientContext });
  expect(JSON.parse(again.Result?.RetMsg ?? '')).toMatchObject({ event: { word: '云裳' } });
});

it.each([
  ['throws', 'TypeError: no such garment'],
  ['no-handler', 'HandlerNotFound'],
])('tells inside a successful answer that %s failed', async (FunctionName, message) => {
  const { Result } = await scfClient(sandbox).Invoke({ FunctionName });
  expect(Result).toMatchObject({ InvokeResult: -1, RetMsg: '' });
  expect(JSON.parse(Result?.ErrMsg ?? '')).toMatchObject({ errorMessage: expect.stringContaining(message) });
});

it('kills what outlives its time', async () => {
  const { Result } = await scfClient(sandbox).Invoke({ FunctionName: 'sleeps', ClientContext: '{"ms":60000}' });
  expect(Result?.ErrMsg).toContain('Invoking task timed out after 3 seconds');
});

it('refuses an unknown function, a path for a name, what is no JSON, and an event above 128 KB', async () => {
  const client = scfClient(sandbox);
  for (const FunctionName of ['missing', '../echo', 'Echo']) {
    await expect(client.Invoke({ FunctionName })).rejects.toMatchObject({ code: 'ResourceNotFound.Function' });
  }
  const refused = { code: 'InvalidParameter.Payload' };
  await expect(client.Invoke({ FunctionName: 'echo', ClientContext: '{' })).rejects.toMatchObject(refused);
  const large = { FunctionName: 'echo', ClientContext: JSON.stringify({ word: 'x'.repeat(128 * 1024) }) };
  await expect(client.Invoke({ ...large, InvocationType: 'Event' })).rejects.toMatchObject(refused);
  expect((await client.Invoke(large)).Result?.InvokeResult).toBe(0);
});

it('accepts an event at once, runs it later, and hands its callback on as it is', async () => {
  await using receiver = await startMerchant([200]);
  const event = { jobId: 'job-1', taskId: 'task-1', callback: { url: receiver.url, path: '/notify' } };
  const { Result } = await scfClient(sandbox).Invoke({
    FunctionName: 'calls-back',
    InvocationType: 'Event',
    ClientContext: JSON.stringify(event),
  });
  expect(Result).toMatchObject({ RetMsg: '', InvokeResult: 0 });
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(1);
  const [received] = receiver.received;
  expect(received?.headers['x-ys-signature']).toBe('a'.repeat(64));
  expect(JSON.parse(received?.body.toString() ?? '')).toEqual({ jobId: 'job-1', keys: sandbox.client.callbackKeys });
  await expect.poll(async () => (await invocations(sandbox))[0]?.state).toBe('succeeded');
  expect(await invocations(sandbox)).toMatchObject([
    { requestId: Result?.FunctionRequestId, jobId: 'job-1', runs: 1, callbacks: [{ kind: 'plain', status: 200 }] },
  ]);
  const { calls } = await sandbox.control<{ calls: unknown[] }>('GET', '/_control/log?vendor=scf');
  const ids = { function: 'calls-back', jobId: 'job-1', taskId: 'task-1', requestId: Result?.FunctionRequestId };
  expect(calls).toMatchObject([
    { action: 'Invoke', ids, status: 200 },
    { action: 'Callback', ids, status: 200 },
    { action: 'Run', ids, status: 200 },
  ]);
});

it('tries an event again that failed, twice', async () => {
  await scfClient(sandbox).Invoke({ FunctionName: 'throws', InvocationType: 'Event' });
  await expect.poll(async () => (await invocations(sandbox))[0]?.runs, { timeout: 15_000 }).toBe(3);
  await expect.poll(async () => (await invocations(sandbox))[0]?.state).toBe('failed');
});

it('gives functions other variables until a reset', async () => {
  await sandbox.control('POST', '/_control/scf/env', { YS_CALLBACK_KEYS: `other:${'x'.repeat(32)}` });
  await using receiver = await startMerchant([200]);
  const event = { jobId: 'job-2', callback: { url: receiver.url, path: '/notify' } };
  await scfClient(sandbox).Invoke({ FunctionName: 'calls-back', ClientContext: JSON.stringify(event) });
  expect(receiver.received[0]?.body.toString()).toContain('other:xxx');
});

it('runs the real poster composer, from its picture in the bucket to its poster there', async () => {
  await using real = await startSandbox({ SANDBOX_FUNCTION_TIMEOUT_MS: '60000' });
  await using receiver = await startMerchant([200]);
  const cos = cosClient(real);
  const at = place(real);
  await cos.putObject({ ...at, Key: 'in.jpg', Body: await renderSampleGarment(), ContentType: 'image/jpeg' });
  const event = {
    jobId: 'job-poster',
    taskId: 'task-poster',
    stepIndex: 1,
    function: 'poster-composer',
    input: { title: '秋季上新', price: 199 },
    callback: { url: receiver.url, path: '/notify' },
    uploads: [
      {
        name: 'image',
        key: 'out.jpg',
        putUrl: await presignedGet(cos, { ...at, Key: 'out.jpg', Method: 'PUT', Expires: 900 }),
        contentType: 'image/jpeg',
      },
    ],
    downloads: { image: await presignedGet(cos, { ...at, Key: 'in.jpg', Expires: 900 }) },
  };
  await scfClient(real).Invoke({
    FunctionName: 'poster-composer',
    InvocationType: 'Event',
    ClientContext: JSON.stringify(event),
  });
  await expect.poll(() => receiver.received.length, { timeout: 18_000 }).toBe(1);
  expect(JSON.parse(receiver.received[0]?.body.toString() ?? '')).toMatchObject({
    jobId: 'job-poster',
    status: 'succeeded',
    output: { image: { key: 'out.jpg', width: 1080, height: 1440 } },
  });
  const { Body } = await cos.getObject({ ...at, Key: 'out.jpg' });
  expect(await sharp(Body).metadata()).toMatchObject({ format: 'jpeg', width: 1080, height: 1440 });
});
