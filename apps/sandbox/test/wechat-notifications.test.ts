import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { isNotificationAuthentic, merchantPay, openNotification, tokenOf } from './merchant.ts';
import { startMerchant, startSandbox, type Received, type RunningSandbox } from './sandbox.ts';

let sandbox: RunningSandbox;
let number = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ SANDBOX_NOTIFY_TIMEOUT_MS: '200' });
});
beforeEach(() => sandbox.control('DELETE', '/_control/faults'));
afterAll(() => sandbox[Symbol.asyncDispose]());

type Merchant = Awaited<ReturnType<typeof startMerchant>>;
type OrderView = { notifications: { attempt: number; kind: string; status: number | null }[] };

/** Orders and pays; answers the order's number. */
async function payFor(merchant: Merchant): Promise<string> {
  number += 1;
  const outTradeNo = `order-notify-${number}`;
  const token = tokenOf(await merchantPay(sandbox).order(outTradeNo, merchant.url));
  await sandbox.control('POST', `/pay/${token}`);
  return outTradeNo;
}

async function received(merchant: Merchant, count = 1): Promise<Received[]> {
  await vi.waitFor(() => expect(merchant.received.length).toBeGreaterThanOrEqual(count), {
    timeout: 5_000,
    interval: 5,
  });
  return merchant.received;
}

/** Waits until the sandbox has noted its attempts. */
async function attempts(outTradeNo: string, count: number, of = sandbox): Promise<OrderView['notifications']> {
  return vi.waitFor(
    async () => {
      const { notifications } = await of.control<OrderView>('GET', `/_control/wechat/orders/${outTradeNo}`);
      expect(notifications.length).toBeGreaterThanOrEqual(count);
      return notifications;
    },
    { timeout: 10_000, interval: 10 },
  );
}

/** Pays with the fault set and answers what arrived first and second: a bent try is refused, so another follows. */
async function bentThenPlain(kind: string, more: Record<string, unknown> = {}): Promise<[Received, Received]> {
  await sandbox.fault({ vendor: 'wechat', kind, ...more });
  await using merchant = await startMerchant([401, 204]);
  await payFor(merchant);
  const [bent, plain] = await received(merchant, 2);
  if (bent === undefined || plain === undefined) throw new Error('two notifications were awaited');
  expect(isNotificationAuthentic(sandbox.client, plain)).toBe(true);
  return [bent, plain];
}

it('sends a signed, encrypted notification that says what the query says', async () => {
  await using merchant = await startMerchant();
  const outTradeNo = await payFor(merchant);
  const [notification] = await received(merchant);
  if (notification === undefined) throw new Error('no notification');
  expect(isNotificationAuthentic(sandbox.client, notification)).toBe(true);
  const opened = openNotification(sandbox.client, notification);
  expect(opened).toMatchObject({ out_trade_no: outTradeNo, amount: { total: 9900, currency: 'CNY' } });
  expect((await merchantPay(sandbox).query(outTradeNo)).data).toMatchObject(opened);
});

it('retries while refused, unanswered or redirected, and stops at 200', async () => {
  await using merchant = await startMerchant([500, 302, 0, 200]);
  const outTradeNo = await payFor(merchant);
  const noted = await attempts(outTradeNo, 4);
  expect(noted.map(({ attempt, status }) => [attempt, status])).toEqual([
    [0, 500],
    [1, 302],
    [2, null],
    [3, 200],
  ]);
});

it('gives up after fifteen retries', async () => {
  await using fast = await startSandbox({ SANDBOX_TIME_SCALE: '0.00000001' });
  await using merchant = await startMerchant([500]);
  const token = tokenOf(await merchantPay(fast).order('order-giveup-1', merchant.url));
  await fast.control('POST', `/pay/${token}`);
  const noted = await attempts('order-giveup-1', 16, fast);
  expect(noted.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 16 }, (_, n) => n));
  expect(merchant.received).toHaveLength(16);
});

it('never tells when told not to', async () => {
  await sandbox.fault({ vendor: 'wechat', kind: 'notify_never' });
  await using merchant = await startMerchant();
  const outTradeNo = await payFor(merchant);
  expect(await sandbox.control('GET', '/_control/faults')).toEqual({ faults: [] });
  expect(await attempts(outTradeNo, 0)).toEqual([]);
  expect((await merchantPay(sandbox).query(outTradeNo)).data['trade_state']).toBe('SUCCESS');
});

it('tells several times at once', async () => {
  await sandbox.fault({ vendor: 'wechat', kind: 'notify_duplicate', count: 15, parallel: true });
  await using merchant = await startMerchant();
  await payFor(merchant);
  const all = await received(merchant, 15);
  expect(new Set(all.map((each) => openNotification(sandbox.client, each).transaction_id)).size).toBe(1);
});

it('tells late', async () => {
  await sandbox.fault({ vendor: 'wechat', kind: 'notify_late', ms: 100 });
  await using merchant = await startMerchant();
  const before = performance.now();
  await payFor(merchant);
  await received(merchant);
  expect(performance.now() - before).toBeGreaterThanOrEqual(100);
});

it('tells before the order itself is answered', async () => {
  await sandbox.fault({ vendor: 'wechat', kind: 'notify_early', match: { outTradeNo: 'order-early-1' } });
  await using merchant = await startMerchant();
  const answer = await merchantPay(sandbox).order('order-early-1', merchant.url);
  expect(answer.status).toBe(200);
  expect(merchant.received).toHaveLength(1);
});

it('tampers with the ciphertext and signs it, so that only the tag tells', async () => {
  const [bent] = await bentThenPlain('notify_tampered_ciphertext');
  expect(isNotificationAuthentic(sandbox.client, bent)).toBe(true);
  expect(() => openNotification(sandbox.client, bent)).toThrow('authenticate data');
});

it.each(['notify_tampered_body', 'notify_unknown_serial', 'notify_signtest'])('%s fails verification', async (kind) => {
  const [bent] = await bentThenPlain(kind);
  expect(isNotificationAuthentic(sandbox.client, bent)).toBe(false);
});

it('marks its probe as WECHATPAY/SIGNTEST', async () => {
  const [bent] = await bentThenPlain('notify_signtest');
  expect(bent.headers['wechatpay-signature']).toMatch(/^WECHATPAY\/SIGNTEST\//);
});

it('signs a stale time correctly', async () => {
  const [bent] = await bentThenPlain('notify_stale');
  expect(isNotificationAuthentic(sandbox.client, bent)).toBe(true);
  expect(Date.now() / 1000 - Number(bent.headers['wechatpay-timestamp'])).toBeGreaterThan(590);
});

it.each([
  ['notify_wrong_amount', { totalFen: 1 }, { amount: { total: 1 } }],
  ['notify_wrong_currency', {}, { amount: { currency: 'USD' } }],
  ['notify_wrong_appid', {}, { appid: 'wx0000000000000000' }],
  ['notify_wrong_mchid', {}, { mchid: '1900000000' }],
])('%s is well signed and sealed but says something else', async (kind, more, said) => {
  const [bent, plain] = await bentThenPlain(kind, more);
  expect(isNotificationAuthentic(sandbox.client, bent)).toBe(true);
  expect(openNotification(sandbox.client, bent)).toMatchObject(said);
  expect(openNotification(sandbox.client, plain)).toMatchObject({ amount: { total: 9900, currency: 'CNY' } });
});

it('lets a member pay another sum, and says so everywhere', async () => {
  await sandbox.fault({ vendor: 'wechat', kind: 'pay_wrong_amount', totalFen: 1 });
  await using merchant = await startMerchant();
  const outTradeNo = await payFor(merchant);
  const [notification] = await received(merchant);
  if (notification === undefined) throw new Error('no notification');
  expect(openNotification(sandbox.client, notification).amount.total).toBe(1);
  expect((await merchantPay(sandbox).query(outTradeNo)).data).toMatchObject({ amount: { total: 1 } });
});

it('sends notifications on command, bent or not, and says what was answered', async () => {
  await using merchant = await startMerchant([204, 204, 204, 401]);
  const outTradeNo = await payFor(merchant);
  await received(merchant);
  const twice = await sandbox.control('POST', '/_control/wechat/notify', { outTradeNo, count: 2 });
  expect(twice).toEqual({ statuses: [204, 204] });
  const bent = { outTradeNo, kind: 'notify_tampered_body' };
  expect(await sandbox.control('POST', '/_control/wechat/notify', bent)).toEqual({ statuses: [401] });
  await expect(sandbox.control('POST', '/_control/wechat/notify', { outTradeNo, totalFen: 3 })).rejects.toThrow(
    'totalFen',
  );
});
