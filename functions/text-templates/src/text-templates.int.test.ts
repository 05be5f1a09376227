import { startPlatform } from '@yunshang/function-testing';
import type { Platform } from '@yunshang/function-testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main_handler } from './index.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  for (const [name, value] of Object.entries(platform.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await platform.stop();
});

async function write(input: Record<string, unknown>, contentType = 'text/plain; charset=utf-8') {
  const event = platform.invocation({ function: 'text-templates', input, uploads: { texts: contentType } });
  await main_handler(event);
  return { body: platform.callbacks.at(-1)?.body, texts: platform.uploaded(`results/${event.jobId}/texts`) };
}

test('writes a text file', async () => {
  const { body, texts } = await write({ title: '真丝衬衫', points: ['亲肤透气', ' '], price: 199 });
  expect(body).toMatchObject({ status: 'succeeded', output: { texts: { bytes: texts?.bytes.byteLength } } });
  expect(texts?.contentType).toBe('text/plain; charset=utf-8');
  expect(texts?.bytes.toString()).toMatch(/^【商品标题】\n真丝衬衫 亲肤透气\n/);
});

test('writes JSON when the upload is JSON, from points given a line each', async () => {
  const { texts } = await write({ title: '真丝衬衫', points: '亲肤透气\r\n\n袖口可挽起' }, 'application/json');
  expect(JSON.parse(texts?.bytes.toString() ?? '')).toMatchObject({
    texts: [{ channel: 'listing' }, {}, {}, {}, {}],
    review: [],
  });
});

test.each([
  ['no title', { points: ['a'] }],
  ['no points', { title: '衬衫', points: '\n \n' }],
  ['nine points', { title: '衬衫', points: Array.from({ length: 9 }, () => '点') }],
  ['a point that is an object', { title: '衬衫', points: [{}] }],
])('refuses %s', async (_, input) => {
  expect((await write(input)).body).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
});
