import { isAppError, type Order } from '@yunshang/contracts';
import { newId } from '@yunshang/db';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { getBalance } from '../src/index.ts';
import { expectHealthy, makeMember } from './members.ts';
import { type Merchant, openMerchant, ordersWith, WINDOW_MS } from './merchant.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let shop: Merchant;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  shop = await openMerchant(sandbox, database);
});
beforeEach(() => void shop.clock.set(new Date()));
afterEach(() => sandbox.control.clearFaults());
afterAll(async () => {
  await expectHealthy(database.db, new Date());
  await Promise.all([shop.close(), database.close()]);
});

type Placed = Order & { userId: string };

async function order(): Promise<Placed> {
  const userId = await makeMember(database.db, shop.clock.now());
  const key = newId();
  const input = {
    userId,
    requestId: key,
    planId: 'BASIC',
    channel: 'native' as const,
    idempotencyKey: key,
    ip: '203.0.113.7',
  };
  return { ...(await shop.orders.create(input)), userId };
}
async function payQuietly(orderId: string): Promise<void> {
  await sandbox.control.fault({ vendor: 'wechat', kind: 'notify_never', match: { outTradeNo: orderId } });
  await sandbox.control.pay(orderId);
}
/** The promised checks as `number at ms after the order`, the earliest first. */
async function promised(placed: Order): Promise<string[]> {
  const rows = await database.db
    .selectFrom('outbox')
    .select(['dedup_key', 'due_at'])
    .where('dedup_key', 'like', `order-check:${placed.id}:%`)
    .orderBy('due_at')
    .execute();
  return rows.map((row) => `${row.dedup_key.split(':')[2]} at ${row.due_at.getTime() - Date.parse(placed.createdAt)}`);
}
const check = (placed: Order, number: number): Promise<void> =>
  shop.orders.reconcile({ orderId: placed.id, check: number });
const statusOf = async (placed: Placed): Promise<string> => (await shop.orders.get(placed.userId, placed.id)).status;
const stateThere = async (placed: Order): Promise<string> => (await shop.wechat.findOrder(placed.id)).state;
const codeOf = (error: unknown): string => (isAppError(error) ? error.code : String(error));

describe('asking WeChat Pay', () => {
  it('finds a payment whose notification never came, once', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    await Promise.all([check(placed, 0), check(placed, 0), check(placed, 1)]);
    expect(await statusOf(placed)).toBe('paid');
    expect((await getBalance(database.db, placed.userId, shop.clock.now())).available).toBe(100);
    await check(placed, 2);
    expect((await getBalance(database.db, placed.userId, shop.clock.now())).available).toBe(100);
  });

  it('takes an order that has been refunded in part as paid', async () => {
    const placed = await order();
    const payment = {
      ...shop.wechat.merchant,
      outTradeNo: placed.id,
      transactionId: newId(),
      amountFen: 9900,
      currency: 'CNY',
      successTime: new Date(),
    };
    const wechat = { ...shop.wechat, findOrder: () => Promise.resolve({ state: 'paid' as const, payment }) };
    await ordersWith({ database, wechat, clock: shop.clock }).reconcile({ orderId: placed.id, check: 0 });
    expect(await statusOf(placed)).toBe('paid');
  });

  it('goes on by the schedule while the order is unpaid, the same delivery twice promising once', async () => {
    const placed = await order();
    shop.clock.advance(5_000);
    await Promise.all([check(placed, 0), check(placed, 0)]);
    expect(await promised(placed)).toEqual(['0 at 5000', '1 at 30000']);
    shop.clock.advance(55_000);
    await check(placed, 1);
    expect(await promised(placed)).toEqual(['0 at 5000', '1 at 30000', '3 at 180000']);
    expect(await statusOf(placed)).toBe('pending');
  });

  it('does nothing for an order that is no longer pending or not there', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    await check(placed, 0);
    const before = (await sandbox.control.log({ vendor: 'wechat' })).length;
    await check(placed, 1);
    await shop.orders.reconcile({ orderId: newId(), check: 0 });
    expect(await sandbox.control.log({ vendor: 'wechat' })).toHaveLength(before);
  });
});

describe('when the time to pay is over', () => {
  it('an unpaid order is closed there and here', async () => {
    const placed = await order();
    shop.clock.advance(WINDOW_MS);
    await check(placed, 7);
    expect(await statusOf(placed)).toBe('closed');
    expect(await stateThere(placed)).toBe('closed');
    expect(await sandbox.control.pay(placed.id).catch(() => 'refused')).toBe('refused');
  });

  it('a paid order is credited and not closed', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    shop.clock.advance(WINDOW_MS);
    await check(placed, 7);
    expect(await statusOf(placed)).toBe('paid');
  });

  it('an order paid between the question and the close is credited', async () => {
    const placed = await order();
    shop.clock.advance(WINDOW_MS);
    const wechat = {
      ...shop.wechat,
      closeOrder: async (outTradeNo: string) => {
        await payQuietly(outTradeNo);
        await shop.wechat.closeOrder(outTradeNo);
      },
    };
    await ordersWith({ database, wechat, clock: shop.clock }).reconcile({ orderId: placed.id, check: 7 });
    expect(await statusOf(placed)).toBe('paid');
  });

  it('an order that WeChat Pay has never heard of is closed', async () => {
    const userId = await makeMember(database.db, shop.clock.now());
    await sandbox.control.fault({ vendor: 'wechat', kind: 'timeout', match: { action: 'CreateNativeOrder' } });
    const input = {
      userId,
      requestId: 'r',
      planId: 'BASIC',
      channel: 'native' as const,
      ip: '203.0.113.7',
      idempotencyKey: newId(),
    };
    expect(await shop.orders.create(input).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    const row = await database.db
      .selectFrom('orders')
      .select('id')
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    await shop.orders.reconcile({ orderId: row.id, check: 0 });
    expect((await shop.orders.get(userId, row.id)).status).toBe('pending');
    shop.clock.advance(WINDOW_MS);
    await shop.orders.reconcile({ orderId: row.id, check: 7 });
    expect((await shop.orders.get(userId, row.id)).status).toBe('closed');
  });

  it.each([
    ['the question has no answer', 'QueryByOutTradeNo', { kind: 'timeout' }],
    ['the question fails', 'QueryByOutTradeNo', { kind: 'error', status: 503, code: 'SERVICE_UNAVAILABLE' }],
    ['the answer is not authentic', 'QueryByOutTradeNo', { kind: 'answer_bad_signature' }],
    ['the close has no answer', 'CloseOrder', { kind: 'timeout' }],
    ['the close was done and not answered', 'CloseOrder', { kind: 'timeout_after_commit' }],
  ])('nothing is closed here while %s, and the same question is asked again', async (_name, action, fault) => {
    const placed = await order();
    shop.clock.advance(WINDOW_MS);
    await sandbox.control.fault({ vendor: 'wechat', match: { action }, ...fault });
    expect(await check(placed, 7).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    expect(await statusOf(placed)).toBe('pending');
    await check(placed, 7);
    expect(await statusOf(placed)).toBe('closed');
    expect(await stateThere(placed)).toBe('closed');
  });

  it('two workers close once', async () => {
    const placed = await order();
    shop.clock.advance(WINDOW_MS);
    await Promise.all([check(placed, 7), check(placed, 7), check(placed, 8)]);
    const audits = await database.db
      .selectFrom('audit_logs')
      .select('action')
      .where('subject_id', '=', placed.id)
      .execute();
    expect(audits.map((row) => row.action).toSorted()).toEqual(['order.closed', 'order.created']);
  });
});
