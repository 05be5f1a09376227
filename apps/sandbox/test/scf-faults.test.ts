import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startMerchant, startSandbox, type RunningSandbox } from './sandbox.ts';
import { FIXTURES, invocations, scfClient } from './scf-client.ts';

let sandbox: RunningSandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_FUNCTIONS_DIR: FIXTURES });
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

const fault = (kind: string, more: Record<string, unknown> = {}) => sandbox.fault({ vendor: 'scf', kind, ...more });
const first = async () => (await invocations(sandbox))[0];
const soon = { timeout: 15_000 };

function invoke(FunctionName: string, event: Record<string, unknown>) {
  const ClientContext = JSON.stringify({ jobId: 'job-1', ...event });
  return scfClient(sandbox).Invoke({ FunctionName, InvocationType: 'Event', ClientContext });
}

it('accepts and never starts; or starts, and is killed, and is not tried again', async () => {
  await fault('never_started', { match: { jobId: 'job-1' } });
  await invoke('echo', {});
  expect(await first()).toMatchObject({ state: 'waiting', runs: 0 });
  await fault('killed', { afterMs: 100 });
  await invoke('sleeps', { ms: 60_000 });
  await expect.poll(async () => (await first())?.state, soon).toBe('failed');
  expect(await first()).toMatchObject({ runs: 1, message: 'Runtime exited: signal: killed' });
});

it('runs one invocation twice', async () => {
  await fault('duplicate');
  await invoke('echo', {});
  await expect.poll(async () => (await first())?.runs, soon).toBe(2);
});

it('starts late, and crashes when told to, however often it is tried', async () => {
  await fault('start_late', { ms: 80 });
  const before = performance.now();
  await invoke('echo', {});
  await expect.poll(async () => (await first())?.state, soon).toBe('succeeded');
  expect(performance.now() - before).toBeGreaterThanOrEqual(80);
  await fault('function_error', { message: 'out of memory' });
  await invoke('echo', {});
  await expect.poll(async () => (await first())?.runs, soon).toBe(3);
  expect(await first()).toMatchObject({ state: 'failed', message: 'out of memory' });
});

it('answers the vendor error it was told', async () => {
  await fault('error', { code: 'RequestLimitExceeded', match: { function: 'echo' } });
  await expect(invoke('echo', {})).rejects.toMatchObject({ code: 'RequestLimitExceeded' });
  await fault('timeout_after_commit');
  const hurried = scfClient(sandbox, 1).Invoke({ FunctionName: 'echo', InvocationType: 'Event' });
  await expect(hurried).rejects.toThrow(/timeout/);
  expect(await invocations(sandbox)).toHaveLength(1);
});

it.each([
  ['callback_lost', []],
  ['callback_duplicate', [true, true]],
  ['callback_late', [true]],
])('%s: what arrives, arrives with the right signature', async (kind, arrives) => {
  await using receiver = await startMerchant([200]);
  await fault(kind, kind === 'callback_late' ? { ms: 50 } : {});
  await invoke('calls-back', { callback: { url: receiver.url, path: '/notify' } });
  await expect.poll(async () => (await first())?.state, soon).toBe('succeeded');
  await expect.poll(() => receiver.received.length).toBe(arrives.length);
  expect(receiver.received.map(({ headers }) => headers['x-ys-signature'] === 'a'.repeat(64))).toEqual(arrives);
});

it.each(['callback_tampered', 'callback_bad_signature'])(
  '%s: the refused try is followed by a plain one',
  async (kind) => {
    await using receiver = await startMerchant([401, 200]);
    await fault(kind);
    await invoke('calls-back', { callback: { url: receiver.url, path: '/notify' } });
    await expect.poll(async () => (await first())?.state, soon).toBe('succeeded');
    expect((await first())?.callbacks).toMatchObject([
      { kind, status: 401 },
      { kind: 'plain', status: 200 },
    ]);
    const [bent, plain] = receiver.received.map(({ headers, body }) => [headers['x-ys-signature'], body.toString()]);
    expect(bent).not.toEqual(plain);
  },
);
