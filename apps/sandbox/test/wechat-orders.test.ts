import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateSandboxCredentials } from '../src/index.ts';
import { merchantPay, tokenOf } from './merchant.ts';
import { startMerchant, startSandbox, type RunningSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;
const NOTIFY = 'https://merchant.example/notify';

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

it('takes a native order and signs its answer', async () => {
  const answer = await merchantPay(sandbox).order('order-native-1', NOTIFY);
  expect(answer).toMatchObject({ status: 200, verified: true });
  expect(answer.data['code_url']).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=[\w-]+$/);
});

it('reports an unpaid order without a transaction id', async () => {
  const pay = merchantPay(sandbox);
  await pay.order('order-unpaid-1', NOTIFY);
  const answer = await pay.query('order-unpaid-1');
  expect(answer).toMatchObject({
    status: 200,
    verified: true,
    data: { trade_state: 'NOTPAY', amount: { total: 9900 } },
  });
  expect(answer.data).not.toHaveProperty('transaction_id');
});

it('answers 404 for an order it does not know, unsigned', async () => {
  const answer = await merchantPay(sandbox).query('order-unknown-1');
  expect(answer.status).toBe(404);
  expect(answer.verified).toBe('unsigned');
});

it('reports a paid order by both numbers', async () => {
  await using merchant = await startMerchant();
  const pay = merchantPay(sandbox);
  const token = tokenOf(await pay.order('order-paid-1', merchant.url));
  const paid = await sandbox.control<{ transactionId: string }>('POST', `/pay/${token}`);
  const byNumber = await pay.query('order-paid-1');
  expect(byNumber.data).toMatchObject({
    trade_state: 'SUCCESS',
    transaction_id: paid.transactionId,
    trade_type: 'NATIVE',
  });
  expect(byNumber.data['success_time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
  expect((await pay.queryById(paid.transactionId)).data).toEqual(byNumber.data);
});

it('closes an order with a signed 204, again if asked again, and then takes no payment', async () => {
  const pay = merchantPay(sandbox);
  const token = tokenOf(await pay.order('order-close-1', NOTIFY));
  expect(await pay.close('order-close-1')).toMatchObject({ status: 204, verified: true });
  expect((await pay.close('order-close-1')).status).toBe(204);
  expect((await pay.query('order-close-1')).data['trade_state']).toBe('CLOSED');
  await expect(sandbox.control('POST', `/pay/${token}`)).rejects.toThrow('409');
  expect((await pay.order('order-close-1', NOTIFY)).status).toBe(400);
});

it('gives a fresh code for the very same order and refuses a changed one', async () => {
  const pay = merchantPay(sandbox);
  const first = await pay.order('order-again-1', NOTIFY);
  const second = await pay.order('order-again-1', NOTIFY);
  expect(second.status).toBe(200);
  expect(tokenOf(second)).not.toBe(tokenOf(first));
  expect((await pay.order('order-again-1', NOTIFY, { amount: { total: 1, currency: 'CNY' } })).status).toBe(403);
});

it('refuses wrong fields with PARAM_ERROR and names them', async () => {
  const refusal = await signedPost({ amount: { total: 0, currency: 'CNY' } });
  expect(refusal).toMatchObject({
    code: 'PARAM_ERROR',
    detail: { field: '/amount/total', location: 'body', value: 0 },
  });
  expect(await signedPost({ notify_url: 'https://merchant.example/notify?x=1' })).toMatchObject({
    detail: { field: '/notify_url' },
  });
  expect(await signedPost({ out_trade_no: 'short' })).toMatchObject({ detail: { field: '/out_trade_no' } });
  expect(await signedPost({ appid: 'wx-another' })).toMatchObject({ code: 'APPID_MCHID_NOT_MATCH' });
  expect(await signedPost({ mchid: '1900000001' })).toMatchObject({ code: 'INVALID_REQUEST' });
});

it('refuses a wrong key, a wrong serial and an old timestamp with SIGN_ERROR', async () => {
  const other = await generateSandboxCredentials();
  const wrongKey = merchantPay(sandbox, { merchantPrivateKeyPem: other.client.merchantPrivateKeyPem });
  expect((await wrongKey.query('order-native-1')).status).toBe(401);
  const wrongSerial = merchantPay(sandbox, { merchantSerial: other.client.merchantSerial });
  expect((await wrongSerial.query('order-native-1')).status).toBe(401);
  sandbox.setOffsetMs(301_000);
  expect((await merchantPay(sandbox).query('order-native-1')).status).toBe(401);
  sandbox.setOffsetMs(0);
});

it('wants Accept and User-Agent, and answers unknown paths with nothing', async () => {
  const bare = await fetch(`${sandbox.baseUrl}/v3/certificates`, { headers: { accept: '', 'user-agent': '' } });
  expect(bare.status).toBe(400);
  expect(await bare.json()).toMatchObject({ code: 'INVALID_REQUEST' });
  const unknown = await fetch(`${sandbox.baseUrl}/v3/nothing`);
  expect(unknown.status).toBe(404);
  expect(await unknown.text()).toBe('');
  expect((await fetch(`${sandbox.baseUrl}/v3/pay/transactions/native`)).status).toBe(405);
});

it('shows the code and a button, and takes the payment of a form', async () => {
  await using merchant = await startMerchant();
  const token = tokenOf(await merchantPay(sandbox).order('order-page-1', merchant.url));
  const shown = await fetch(`${sandbox.baseUrl}/pay/${token}`);
  const html = await shown.text();
  expect(html).toContain('¥99.00');
  expect(html).toContain('<svg');
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
  const paid = await fetch(`${sandbox.baseUrl}/pay/${token}`, { method: 'POST', headers: form, body: '' });
  expect(await paid.text()).toContain('支付成功');
});

it('lets a code expire after two hours', async () => {
  const token = tokenOf(await merchantPay(sandbox).order('order-expired-1', NOTIFY));
  sandbox.setOffsetMs(2 * 3_600_000 + 1000);
  await expect(sandbox.control('POST', `/pay/${token}`)).rejects.toThrow('code_expired');
  sandbox.setOffsetMs(0);
});

/** The refusal of an order with some fields replaced. */
async function signedPost(changes: Record<string, unknown>): Promise<unknown> {
  return (await merchantPay(sandbox).order('order-fields-1', NOTIFY, changes)).data;
}
