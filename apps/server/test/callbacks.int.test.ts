import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, startEdge, type Edge } from './edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

const task = '01KANXGQ0000000000000000ZZ';
const at = (stepIndex: string): string => `${edge.url}/api/internal/tasks/${task}/steps/${stepIndex}/callback`;
const body = { jobId: task, status: 'failed', error: { code: 'TIMED_OUT', message: '' } };

it('refuses a callback that proves nothing, with what it is called in the catalogue', async () => {
  for (const stepIndex of ['0', '99', 'x', '-1', '1e1'])
    expect(await call(at(stepIndex), { body })).toMatchObject({ status: 401, body: { code: 'CALLBACK_REFUSED' } });
  const forged = {
    'x-ys-timestamp': String(Math.floor(Date.now() / 1000)),
    'x-ys-nonce': 'n'.repeat(24),
    'x-ys-key-id': 'callback',
    'x-ys-signature': '0'.repeat(64),
  };
  expect(await call(at('0'), { body, headers: forged })).toMatchObject({ status: 401 });
});

it('takes no one’s access token for a signature', async () => {
  const { accessToken } = await edge.signIn('admin');
  expect(await call(at('0'), { body, token: accessToken })).toMatchObject({ status: 401 });
});

it('limits what a callback may carry', async () => {
  expect(await call(at('0'), { body: 'x'.repeat(200_000) })).toMatchObject({ status: 413 });
});

it('answers any hint alike, and logs no token', async () => {
  const token = 'T'.repeat(43);
  for (const sent of [{ event: 'TASK_END', taskId: '1900000000000000001', eventData: '{}' }, 'no json', undefined]) {
    const init = sent === undefined ? { method: 'POST' } : { body: sent };
    const answer = await call(`${edge.url}/api/webhooks/runninghub/${token}`, init);
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
  }
  expect(edge.logged()).toContain('/api/webhooks/runninghub/:token');
  expect(edge.logged()).not.toContain(token);
});
