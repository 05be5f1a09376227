import { until } from '@yunshang/devstack';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { merchantPay, tokenOf } from './merchant.ts';
import { type RunningSandbox, startMerchant, startSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;
const NOTIFY = 'https://merchant.example/notify';

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

it('takes a JSAPI order of a payer, and a browser’s order from an address', async () => {
  const pay = merchantPay(sandbox);
  const inside = await pay.jsapi('jsapi-order-1', NOTIFY, 'o-openid-of-somebody-0000001');
  expect(inside).toMatchObject({ status: 200, verified: true });
  // The library has made of it what the client is handed.
  expect(inside.data['package']).toMatch(/^prepay_id=\w+$/);
  const browser = await pay.h5('h5-order-1', NOTIFY, '203.0.113.7');
  expect(browser).toMatchObject({ status: 200, verified: true });
  expect(browser.data['h5_url']).toMatch(/^https?:\/\//);
});

it('refuses a payer without openid and a browser without address', async () => {
  const pay = merchantPay(sandbox);
  expect((await pay.jsapi('jsapi-order-2', NOTIFY, '')).status).toBe(400);
  expect((await pay.h5('h5-order-2', NOTIFY, '')).status).toBe(400);
});

it('refunds a part and the rest, never more, and the same number once', async () => {
  await using merchant = await startMerchant();
  const pay = merchantPay(sandbox);
  const token = tokenOf(await pay.order('refund-order-1', merchant.url));
  await sandbox.control('POST', `/pay/${token}`);
  const total = 9900;
  const part = await pay.refund('refund-order-1', 'refund-1', { refund: 900, total });
  expect(part).toMatchObject({ status: 200, verified: true, data: { status: 'PROCESSING', amount: { refund: 900 } } });
  const same = await pay.refund('refund-order-1', 'refund-1', { refund: 900, total });
  expect(same.data['refund_id']).toBe(part.data['refund_id']);
  expect((await pay.refund('refund-order-1', 'refund-1', { refund: 901, total })).status).toBe(400);
  expect((await pay.refund('refund-order-1', 'refund-2', { refund: 9001, total })).status).toBe(400);
  expect((await pay.refund('refund-order-1', 'refund-2', { refund: 9000, total: 10_000 })).status).toBe(400);
  expect((await pay.refund('refund-order-1', 'refund-2', { refund: 9000, total })).status).toBe(200);
  const ended = await until(async () => {
    const answer = await pay.findRefund('refund-1');
    return answer.data['status'] === 'SUCCESS' && answer;
  });
  expect(ended.data['success_time']).toMatch(/\+08:00$/);
  expect((await pay.findRefund('refund-none')).status).toBe(404);
});

it('refunds nothing of what was not paid', async () => {
  const pay = merchantPay(sandbox);
  await pay.order('refund-order-2', NOTIFY);
  expect((await pay.refund('refund-order-2', 'refund-9', { refund: 1, total: 9900 })).status).toBe(404);
});
