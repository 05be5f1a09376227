import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

type Robot = { url: string; key: string; secret: string };
const addRobot = (format: string) => sandbox.control<Robot>('POST', '/_control/robots', { format });
const said = async (): Promise<string[]> =>
  (await sandbox.control<{ messages: { text: string }[] }>('GET', '/_control/robots/messages')).messages.map(
    ({ text }) => text,
  );

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers });
  const text = await answer.text();
  return { status: answer.status, ...(text === '' ? {} : JSON.parse(text)) };
}
const text = (content: string) => ({ msgtype: 'text', text: { content } });
const seconds = (offset = 0): string => String(Math.floor(Date.now() / 1000) + offset);

it('a WeCom robot says short texts, to whoever knows its address', async () => {
  const { url } = await addRobot('wecom');
  expect(await post(url, text('hello'))).toEqual({ status: 200, errcode: 0, errmsg: 'ok' });
  expect(await post(`${url}x`, text('hello'))).toMatchObject({ errcode: 93_000 });
  expect(await post(url, text('云'.repeat(683)))).toMatchObject({ errcode: 40_058 });
  expect(await post(url, { text: 'hello' })).toMatchObject({ errcode: 40_008 });
  await sandbox.fault({ vendor: 'robot', kind: 'error' });
  expect(await post(url, text('hello'))).toMatchObject({ status: 200, errcode: 45_009 });
  expect(await said()).toEqual(['hello']);
});

it('a Feishu robot wants the signature of its secret, not older than an hour', async () => {
  const { url, secret } = await addRobot('feishu');
  const signed = (timestamp: string, key = secret) => ({
    timestamp,
    sign: createHmac('sha256', `${timestamp}\n${key}`).digest('base64'),
    msg_type: 'text',
    content: { text: 'hello' },
  });
  expect(await post(url, signed(seconds()))).toMatchObject({ code: 0, msg: 'success' });
  for (const forged of [signed(seconds(), 'other'), signed(seconds(-3_700)), signed('soon'), {}])
    expect(await post(url, forged)).toMatchObject({ status: 200, code: 19_021 });
  expect(await post(`${url}x`, signed(seconds()))).toMatchObject({ code: 19_001 });
  expect(await said()).toEqual(['hello']);
});

it('our own signed JSON is verified over its bytes', async () => {
  const { url, secret } = await addRobot('json');
  const body = { id: '1', kind: 'heavy_use', text: 'hello', details: {} };
  const headers = (timestamp: string, over: unknown = body) => ({
    'x-yunshang-timestamp': timestamp,
    'x-yunshang-signature': `v1=${createHmac('sha256', secret)
      .update(`${timestamp}.${JSON.stringify(over)}`)
      .digest('hex')}`,
  });
  expect(await post(url, body, headers(seconds()))).toEqual({ status: 204 });
  expect(await post(url, body, headers(seconds(), {}))).toMatchObject({ status: 401 });
  expect(await post(url, body, headers(seconds(-301)))).toMatchObject({ status: 401 });
  expect(await said()).toEqual(['hello']);
});
