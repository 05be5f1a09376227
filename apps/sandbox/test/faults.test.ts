import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { merchantPay } from './merchant.ts';
import { startSandbox, type RunningSandbox } from './sandbox.ts';
import { cosClient, place, stsClient } from './storage.ts';

let sandbox: RunningSandbox;
const NOTIFY = 'https://merchant.example/notify';

beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => sandbox.control('POST', '/_control/reset'));
afterAll(() => sandbox[Symbol.asyncDispose]());

type Logged = { calls: { seq: number; action: string; status: number | null; fault?: string; code?: string }[] };

it('answers the error it was told, as often as it was told', async () => {
  await sandbox.fault({
    vendor: 'wechat',
    kind: 'error',
    status: 429,
    code: 'FREQUENCY_LIMITED',
    message: '频率过高',
    times: 2,
  });
  const pay = merchantPay(sandbox);
  for (let n = 0; n < 2; n += 1) {
    const refused = await pay.order('order-fault-1', NOTIFY);
    expect(refused).toMatchObject({ status: 429, verified: 'unsigned' });
  }
  expect((await pay.order('order-fault-1', NOTIFY)).status).toBe(200);
  expect(await sandbox.control('GET', '/_control/faults')).toEqual({ faults: [] });
});

it('keeps silent before the effect, or after it', async () => {
  const hurried = merchantPay(sandbox, {}, 100);
  await sandbox.fault({ vendor: 'wechat', kind: 'timeout' });
  await expect(hurried.order('order-before-1', NOTIFY)).rejects.toThrow('timeout');
  expect((await hurried.query('order-before-1')).status).toBe(404);
  await sandbox.fault({ vendor: 'wechat', kind: 'timeout_after_commit' });
  await expect(hurried.order('order-after-1', NOTIFY)).rejects.toThrow('timeout');
  expect((await hurried.query('order-after-1')).status).toBe(200);
});

it('bends only the calls that match', async () => {
  await sandbox.fault({
    vendor: 'wechat',
    kind: 'error',
    match: { action: 'CloseOrder', outTradeNo: 'order-match-2' },
  });
  const pay = merchantPay(sandbox);
  for (const outTradeNo of ['order-match-1', 'order-match-2'])
    expect((await pay.order(outTradeNo, NOTIFY)).status).toBe(200);
  expect((await pay.close('order-match-1')).status).toBe(204);
  expect((await pay.close('order-match-2')).status).toBe(500);
});

it('signs an answer with a probe when told to', async () => {
  await sandbox.fault({ vendor: 'wechat', kind: 'answer_bad_signature' });
  const pay = merchantPay(sandbox);
  expect(await pay.order('order-probe-1', NOTIFY)).toMatchObject({ status: 200, verified: false });
  expect(await pay.order('order-probe-1', NOTIFY)).toMatchObject({ status: 200, verified: true });
});

it('drops, slows and refuses storage calls by key', async () => {
  const cos = cosClient(sandbox);
  const at = place(sandbox);
  await sandbox.fault({ vendor: 'cos', kind: 'drop', times: 'always', match: { keyPrefix: 'dropped/' } });
  await expect(cos.putObject({ ...at, Key: 'dropped/a', Body: 'x' })).rejects.toThrow(/hang up|ECONNRESET/);
  await sandbox.fault({ vendor: 'cos', kind: 'slow', ms: 60, match: { key: 'slow/a' } });
  const before = performance.now();
  await cos.putObject({ ...at, Key: 'slow/a', Body: 'x' });
  expect(performance.now() - before).toBeGreaterThanOrEqual(60);
  await sandbox.fault({
    vendor: 'cos',
    kind: 'error',
    status: 403,
    code: 'AccessDenied',
    match: { action: 'GetObject' },
  });
  await expect(cos.getObject({ ...at, Key: 'slow/a' })).rejects.toMatchObject({ code: 'AccessDenied' });
});

it('keeps an object although its answer never came', async () => {
  const at = place(sandbox);
  const hurried = cosClient(sandbox, undefined, 100);
  await sandbox.fault({ vendor: 'cos', kind: 'timeout_after_commit', times: 'always', match: { action: 'PutObject' } });
  await expect(hurried.putObject({ ...at, Key: 'kept', Body: 'x' })).rejects.toThrow('TIMEDOUT');
  await sandbox.control('DELETE', '/_control/faults');
  const { objects } = await sandbox.control<{ objects: { key: string }[] }>('GET', '/_control/objects?prefix=kept');
  expect(objects.map((object) => object.key)).toEqual(['kept']);
});

it('refuses a temporary key inside HTTP 200, or with a status of its own', async () => {
  const request = { Name: 'x', Policy: encodeURIComponent('{"version":"2.0","statement":[]}') };
  await sandbox.fault({ vendor: 'sts', kind: 'error', code: 'RequestLimitExceeded', message: 'slow down' });
  await expect(stsClient(sandbox).GetFederationToken(request)).rejects.toMatchObject({ code: 'RequestLimitExceeded' });
  await sandbox.fault({ vendor: 'sts', kind: 'error', status: 503 });
  await expect(stsClient(sandbox).GetFederationToken(request)).rejects.toMatchObject({ httpCode: 503 });
});

it('leaves a fault in place for callers whose signature is wrong', async () => {
  await sandbox.fault({ vendor: 'cos', kind: 'error' });
  const { tencentSecretId: SecretId } = sandbox.client;
  const wrong = cosClient(sandbox, { SecretId, SecretKey: 'wrong' });
  await expect(wrong.getObject({ ...place(sandbox), Key: 'x' })).rejects.toMatchObject({
    code: 'SignatureDoesNotMatch',
  });
  const { faults } = await sandbox.control<{ faults: unknown[] }>('GET', '/_control/faults');
  expect(faults).toHaveLength(1);
});

it.each([
  [{ vendor: 'alipay', kind: 'error' }, 'vendor'],
  [{ vendor: 'wechat', kind: 'corrupt' }, 'kind'],
  [{ vendor: 'wechat', kind: 'slow' }, 'ms'],
  [{ vendor: 'wechat', kind: 'slow', ms: 5, colour: 'red' }, 'colour'],
  [{ vendor: 'wechat', kind: 'notify_wrong_amount', totalFen: 1.5 }, 'totalFen'],
  [{ vendor: 'cos', kind: 'error', match: { outTradeNo: 'x' } }, 'match.outTradeNo'],
  [{ vendor: 'cos', kind: 'error', times: 0 }, 'times'],
])('refuses the fault %j, naming %s', async (spec, field) => {
  const answer = await fetch(`${sandbox.baseUrl}/_control/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(spec),
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { field } });
});

it('logs every call with its order, status and fault, and reads on from a given one', async () => {
  const pay = merchantPay(sandbox);
  await pay.order('order-log-1', NOTIFY);
  const first = await sandbox.control<Logged>('GET', '/_control/log?vendor=wechat');
  expect(first.calls).toMatchObject([{ action: 'CreateNativeOrder', ids: { outTradeNo: 'order-log-1' }, status: 200 }]);
  await sandbox.fault({ vendor: 'wechat', kind: 'error' });
  await pay.query('order-log-1');
  const since = first.calls[0]?.seq ?? 0;
  const second = await sandbox.control<Logged>('GET', `/_control/log?since=${since}`);
  expect(second.calls).toMatchObject([
    { action: 'QueryByOutTradeNo', status: 500, code: 'SYSTEM_ERROR', fault: 'error' },
  ]);
});

it('shows vendors, orders to pay and faults on its front page', async () => {
  await merchantPay(sandbox).order('order-home-1', NOTIFY);
  await sandbox.fault({ vendor: 'ci', kind: 'corrupt', times: 'always' });
  const home = await (await fetch(sandbox.baseUrl)).text();
  for (const text of ['order-home-1', '去支付', 'corrupt', sandbox.client.bucket]) expect(home).toContain(text);
});
