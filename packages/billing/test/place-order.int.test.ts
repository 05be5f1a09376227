import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { isAppError } from '@yunshang/contracts';
import { newId } from '@yunshang/db';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createWechatGateway } from '../src/index.ts';
import { expectHealthy, makeMember } from './members.ts';
import { type Merchant, openMerchant, ordersWith } from './merchant.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let shop: Merchant;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  shop = await openMerchant(sandbox, database);
});
afterEach(() => sandbox.control.clearFaults());
afterAll(async () => {
  await expectHealthy(database.db, shop.clock.now());
  await Promise.all([shop.close(), database.close()]);
});

async function wish(planId = 'BASIC') {
  const userId = await makeMember(database.db, shop.clock.now());
  return { userId, requestId: newId(), planId, channel: 'native' as const, ip: '203.0.113.7', idempotencyKey: newId() };
}
const codeOf = (error: unknown): string => (isAppError(error) ? error.code : String(error));
const ordersOf = (userId: string) =>
  database.db.selectFrom('orders').selectAll().where('user_id', '=', userId).execute();
const nativeCalls = async (outTradeNo: string) =>
  (await sandbox.control.log({ vendor: 'wechat' })).filter(
    (call) => call.action === 'CreateNativeOrder' && call.ids['outTradeNo'] === outTradeNo,
  );

describe('ordering a plan', () => {
  it('takes the price from the plan and answers a code to pay until its time is over', async () => {
    const input = await wish('PRO');
    const order = await shop.orders.create(input);
    expect(order).toMatchObject({ planId: 'PRO', amountFen: 19900, currency: 'CNY', status: 'pending' });
    expect(order.codeUrl).toMatch(/^weixin:\/\/wxpay\//);
    expect(Date.parse(order.expiresAt) - Date.parse(order.createdAt)).toBe(30 * 60_000);
    expect(await shop.orders.get(input.userId, order.id)).toEqual(order);
  });

  it('tells WeChat Pay amount, last moment and notify address', async () => {
    const order = await shop.orders.create(await wish());
    const there: Record<string, unknown> = await fetchOrder(order.id);
    expect(there['request']).toMatchObject({
      out_trade_no: order.id,
      amount: { total: 9900, currency: 'CNY' },
      notify_url: shop.settings.notifyUrl,
      mchid: shop.settings.mchid,
      appid: shop.settings.appid,
      time_expire: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/),
    });
  });

  it('promises the first question to WeChat Pay 5 s later', async () => {
    const order = await shop.orders.create(await wish());
    const jobs = await database.db
      .selectFrom('outbox')
      .selectAll()
      .where('dedup_key', 'like', `order-check:${order.id}:%`)
      .execute();
    expect(jobs).toMatchObject([{ job: 'order.reconcile', due_at: new Date(Date.parse(order.createdAt) + 5_000) }]);
  });

  it('keeps the price it was sold at when the plan gets a new version', async () => {
    const before = await shop.orders.create(await wish('PREMIUM'));
    const plan = { plan_id: 'PREMIUM', level: 3, title: '旗舰', title_en: 'Premium', quota: 600, period_days: 30 };
    const row = { ...plan, version: 2, price_fen: 49900, status: 'published' as const, created_at: shop.clock.now() };
    await database.db.updateTable('plans').set({ status: 'archived' }).where('plan_id', '=', 'PREMIUM').execute();
    await database.db.insertInto('plans').values(row).execute();
    expect((await shop.orders.create(await wish('PREMIUM'))).amountFen).toBe(49900);
    const after = await database.db.selectFrom('orders').selectAll().where('id', '=', before.id).executeTakeFirst();
    expect(after).toMatchObject({ amount_fen: 39900, plan_version: 1 });
  });

  it('refuses a plan that is not sold and keeps nothing of it', async () => {
    const input = await wish('GOLD');
    expect(await shop.orders.create(input).catch(codeOf)).toBe('PLAN_NOT_FOUND');
    expect(await ordersOf(input.userId)).toEqual([]);
    expect((await shop.orders.create({ ...input, planId: 'BASIC' })).status).toBe('pending');
  });

  it("does not show one member's order to another", async () => {
    const order = await shop.orders.create(await wish());
    const stranger = await makeMember(database.db, shop.clock.now());
    expect(await shop.orders.get(stranger, order.id).catch(codeOf)).toBe('ORDER_NOT_FOUND');
  });
});

describe('the same key', () => {
  it('and request give the first answer and order once', async () => {
    const input = await wish();
    const first = await shop.orders.create(input);
    expect(await shop.orders.create({ ...input, requestId: newId() })).toEqual(first);
    expect(await ordersOf(input.userId)).toHaveLength(1);
    expect(await nativeCalls(first.id)).toHaveLength(1);
  });

  it('with another request is refused', async () => {
    const input = await wish();
    await shop.orders.create(input);
    expect(await shop.orders.create({ ...input, planId: 'PRO' }).catch(codeOf)).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await ordersOf(input.userId)).toHaveLength(1);
  });

  it('of two members are two keys', async () => {
    const [one, other] = [await wish(), await wish()];
    const first = await shop.orders.create(one);
    const second = await shop.orders.create({ ...other, idempotencyKey: one.idempotencyKey });
    expect(second.id).not.toBe(first.id);
  });

  it('sent ten times at once makes one order; the others wait or get its answer', async () => {
    const input = await wish();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => shop.orders.create(input).then((order) => order.id, codeOf)),
    );
    const [stored] = await ordersOf(input.userId);
    expect(await ordersOf(input.userId)).toHaveLength(1);
    const answers = results.filter((result) => result !== 'IDEMPOTENCY_IN_FLIGHT');
    expect(new Set(answers)).toEqual(new Set([stored?.id]));
  });
});

describe('when WeChat Pay fails', () => {
  it.each([
    ['an error', { kind: 'error', status: 500 }],
    ['no answer before it ordered', { kind: 'timeout' }],
    ['no answer after it ordered', { kind: 'timeout_after_commit' }],
    ['a broken connection', { kind: 'drop' }],
    ['too many requests', { kind: 'error', status: 429, code: 'FREQUENCY_LIMITED' }],
    ['an answer whose signature is wrong', { kind: 'answer_bad_signature' }],
  ])('with %s, the same call goes on with the same order', async (_name, fault) => {
    const input = await wish();
    await sandbox.control.fault({ vendor: 'wechat', match: { action: 'CreateNativeOrder' }, ...fault });
    expect(await shop.orders.create(input).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    const [pending] = await ordersOf(input.userId);
    const order = await shop.orders.create(input);
    expect(order).toMatchObject({ id: pending?.id, status: 'pending' });
    expect(order.codeUrl).not.toBeNull();
    expect(await ordersOf(input.userId)).toHaveLength(1);
  });

  it('an attempt that died is in flight for 30 s and then resumed by one of many', async () => {
    const input = await wish();
    const dead = { ...shop.wechat, placeOrder: () => new Promise<never>(() => undefined) };
    void ordersWith({ database, wechat: dead, clock: shop.clock }).create(input);
    await expect.poll(() => ordersOf(input.userId)).toHaveLength(1);
    expect(await shop.orders.create(input).catch(codeOf)).toBe('IDEMPOTENCY_IN_FLIGHT');
    shop.clock.advance(30_000);
    const results = await Promise.all([1, 2, 3].map(() => shop.orders.create(input).then((o) => o.id, codeOf)));
    const [stored] = await ordersOf(input.userId);
    expect(results).toContain(stored?.id);
    expect(await ordersOf(input.userId)).toHaveLength(1);
  });

  it('an order paid before its answer came is answered as paid', async () => {
    const input = await wish();
    await sandbox.control.fault({
      vendor: 'wechat',
      kind: 'timeout_after_commit',
      match: { action: 'CreateNativeOrder' },
    });
    await sandbox.control.fault({ vendor: 'wechat', kind: 'notify_never' });
    expect(await shop.orders.create(input).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    const [pending] = await ordersOf(input.userId);
    await sandbox.control.pay(pending?.out_trade_no ?? '');
    expect(await shop.orders.create(input)).toMatchObject({ id: pending?.id, status: 'paid', codeUrl: null });
  });

  it('an order whose time is over can not be resumed', async () => {
    const input = await wish();
    await sandbox.control.fault({ vendor: 'wechat', kind: 'timeout', match: { action: 'CreateNativeOrder' } });
    expect(await shop.orders.create(input).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    const [pending] = await ordersOf(input.userId);
    const orders = ordersWith({ database, wechat: shop.wechat, clock: lateClock() });
    expect(await orders.create(input).catch(codeOf)).toBe('STATE_CONFLICT');
    await orders.reconcile({ orderId: pending?.id ?? '', check: 7 });
    expect(await orders.create(input)).toMatchObject({ id: pending?.id, status: 'closed', codeUrl: null });
  });
});

describe('an error of the gateway', () => {
  it('tells neither the authorization nor any key', async () => {
    const settings = { ...shop.settings, baseUrl: 'http://127.0.0.1:9', timeoutMs: 300 };
    const gateway = createWechatGateway(settings, shop.clock);
    const error: unknown = await gateway.findOrder(newId()).catch((caught: unknown) => caught);
    const text = inspect(error, { depth: 10, showHidden: true });
    expect(codeOf(error)).toBe('PAYMENT_UNAVAILABLE');
    expect(text).not.toMatch(/WECHATPAY2|signature=|PRIVATE KEY/);
  });

  it('is PAYMENT_UNAVAILABLE when WeChat Pay refuses our signature', async () => {
    const other = await openMerchant(sandbox, database, { merchantSerial: 'ABCDEF0123456789' });
    expect(await other.orders.create(await wish()).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    await other.close();
  });

  it('comes from a redirect, which is never followed', async () => {
    const server = createServer((_request, response) => response.writeHead(302, { location: sandbox.url }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const gateway = createWechatGateway({ ...shop.settings, baseUrl: `http://127.0.0.1:${port}` }, shop.clock);
    expect(await gateway.findOrder(newId()).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    server.close();
  });
});

function lateClock() {
  const late = new Date(shop.clock.now().getTime() + 31 * 60_000);
  return { now: () => late };
}

async function fetchOrder(outTradeNo: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${sandbox.url}/_control/wechat/orders/${outTradeNo}`);
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error('no order there');
  return { ...body };
}
