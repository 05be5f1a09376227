import type { Order } from '@yunshang/contracts';
import { newId } from '@yunshang/db';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { getBalance, getMembership, listHistory } from '../src/index.ts';
import { acceptPayment } from '../src/orders/accept-payment.ts';
import { DAY_MS, expectHealthy, finishRefundJobs, makeMember } from './members.ts';
import { type Merchant, openMerchant } from './merchant.ts';

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

async function order(planId = 'BASIC', userId?: string): Promise<Order & { userId: string }> {
  const owner = userId ?? (await makeMember(database.db, shop.clock.now()));
  const input = {
    userId: owner,
    requestId: newId(),
    planId,
    channel: 'native' as const,
    ip: '203.0.113.7',
    idempotencyKey: newId(),
  };
  return { ...(await shop.orders.create(input)), userId: owner };
}
/** Pays and keeps WeChat Pay from telling us. */
async function payQuietly(orderId: string): Promise<void> {
  await sandbox.control.fault({ vendor: 'wechat', kind: 'notify_never', match: { outTradeNo: orderId } });
  await sandbox.control.pay(orderId);
}
/** Has WeChat Pay tell us now; gives the statuses we answered. */
async function tell(orderId: string, how: Record<string, unknown> = {}): Promise<unknown> {
  return sandbox.control.notify({ outTradeNo: orderId, ...how });
}
const statusOf = async (placed: Order & { userId: string }): Promise<string> =>
  (await shop.orders.get(placed.userId, placed.id)).status;
const available = async (userId: string): Promise<number> =>
  (await getBalance(database.db, userId, shop.clock.now())).available;
const outcomes = async (orderId: string): Promise<string[]> => {
  const query = database.db.selectFrom('payment_transactions').select('outcome').where('order_id', '=', orderId);
  return (await query.orderBy('id').execute()).map((row) => row.outcome);
};
/** Has every open refund of the order carried out, and says how each ended. */
async function refunded(orderId: string): Promise<string[]> {
  const { items } = await shop.refunds.list({ orderId, limit: 20 });
  for (const { id } of items) await expect.poll(() => shop.sendRefund(id)).toBe('done');
  const ended = await shop.refunds.list({ orderId, limit: 20 });
  await finishRefundJobs(database.db, orderId);
  return ended.items.map((refund) => `${refund.cause} ${refund.amountFen} ${refund.status}`);
}
const audited = async (orderId: string): Promise<string[]> => {
  const query = database.db.selectFrom('audit_logs').select('action').where('subject_id', '=', orderId);
  return (await query.orderBy('id').execute()).map((row) => row.action);
};

describe('a paid order', () => {
  it('gives membership and quota that end together, with rows that say why', async () => {
    const placed = await order();
    await sandbox.control.pay(placed.id);
    await expect.poll(() => statusOf(placed)).toBe('paid');
    const now = shop.clock.now();
    const end = new Date(now.getTime() + 30 * DAY_MS).toISOString();
    expect(await getMembership(database.db, placed.userId, now)).toEqual({
      planId: 'BASIC',
      level: 1,
      startedAt: now.toISOString(),
      endsAt: end,
    });
    expect(await getBalance(database.db, placed.userId, now)).toMatchObject({
      available: 100,
      grants: [{ source: 'purchase', amount: 100, expiresAt: end }],
    });
    const { items } = await listHistory(database.db, placed.userId, { limit: 5 });
    expect(items).toMatchObject([{ seq: 1, kind: 'grant', amount: 100, cause: 'order_paid', orderId: placed.id }]);
    expect(await outcomes(placed.id)).toEqual(['granted']);
    const fees = database.db
      .selectFrom('cost_entries')
      .select(['item', 'amount_micro_yuan'])
      .where('order_id', '=', placed.id);
    expect(await fees.execute()).toEqual([{ item: 'wechat_pay:fee', amount_micro_yuan: 594_000 }]); // 0.60 % of 99 yuan
    expect(await audited(placed.id)).toEqual(['order.created', 'order.payment_granted']);
  });

  it('renewed keeps days and quota, upgraded begins the higher plan at once', async () => {
    const first = await order('BASIC');
    await sandbox.control.pay(first.id);
    await expect.poll(() => statusOf(first)).toBe('paid');
    const second = await order('BASIC', first.userId);
    await sandbox.control.pay(second.id);
    await expect.poll(() => statusOf(second)).toBe('paid');
    const third = await order('PREMIUM', first.userId);
    await sandbox.control.pay(third.id);
    await expect.poll(() => statusOf(third)).toBe('paid');
    const now = shop.clock.now();
    expect(await available(first.userId)).toBe(700);
    const membership = await getMembership(database.db, first.userId, now);
    expect(membership).toMatchObject({ planId: 'PREMIUM', level: 3 });
    expect(Date.parse(membership?.endsAt ?? '') - now.getTime()).toBe(90 * DAY_MS);
    const later = await getMembership(database.db, first.userId, new Date(now.getTime() + 45 * DAY_MS));
    expect(later).toMatchObject({ planId: 'BASIC', level: 1 });
  });

  it('told 15 times at once grants once and thanks for each', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    expect(await tell(placed.id, { count: 15, parallel: true })).toEqual(Array.from({ length: 15 }, () => 204));
    expect(await available(placed.userId)).toBe(100);
    expect(await outcomes(placed.id)).toEqual(['granted']);
  });

  it('told by notifications and queries at once grants once', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    await Promise.all([
      tell(placed.id, { count: 5, parallel: true }),
      ...[0, 1, 2, 3].map((check) => shop.orders.reconcile({ orderId: placed.id, check })),
    ]);
    expect(await available(placed.userId)).toBe(100);
    expect(await outcomes(placed.id)).toEqual(['granted']);
  });

  it('beside two others at once counts all three', async () => {
    const userId = await makeMember(database.db, shop.clock.now());
    const placed = await Promise.all(['BASIC', 'PRO', 'PREMIUM'].map((plan) => order(plan, userId)));
    await Promise.all(placed.map((one) => payQuietly(one.id)));
    await Promise.all(placed.map((one) => tell(one.id, { count: 2 })));
    expect(await available(userId)).toBe(800);
    const membership = await getMembership(database.db, userId, shop.clock.now());
    expect(membership?.level).toBe(3);
    expect(Date.parse(membership?.endsAt ?? '') - shop.clock.now().getTime()).toBe(90 * DAY_MS);
  });

  it('is renewed by the next of the same plan, whose days follow its own', async () => {
    const first = await order();
    await payQuietly(first.id);
    await tell(first.id);
    const second = await order('BASIC', first.userId);
    expect(second.id).not.toBe(first.id);
    await payQuietly(second.id);
    await tell(second.id);
    expect(await available(first.userId)).toBe(200);
    const membership = await getMembership(database.db, first.userId, shop.clock.now());
    expect(Date.parse(membership?.endsAt ?? '') - shop.clock.now().getTime()).toBe(60 * DAY_MS);
  });
});

describe('a notification that is not to be believed', () => {
  it.each([
    'notify_tampered_ciphertext',
    'notify_tampered_body',
    'notify_signtest',
    'notify_unknown_serial',
    'notify_stale',
  ])('%s is refused, nothing is granted, and the true one still counts', async (kind) => {
    const placed = await order();
    await payQuietly(placed.id);
    expect(await tell(placed.id, { kind })).toEqual([401]);
    expect(await statusOf(placed)).toBe('pending');
    expect(await available(placed.userId)).toBe(0);
    expect(await tell(placed.id)).toEqual([204]);
    expect(await available(placed.userId)).toBe(100);
  });

  it('with an unknown key makes no call to anyone', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    const before = (await sandbox.control.log({ vendor: 'wechat' })).filter((call) => call.action !== 'Notify').length;
    await tell(placed.id, { kind: 'notify_unknown_serial', count: 3 });
    const after = (await sandbox.control.log({ vendor: 'wechat' })).filter((call) => call.action !== 'Notify').length;
    expect(after).toBe(before);
    await tell(placed.id);
  });
});

describe('a payment that is not what was ordered', () => {
  it.each([
    ['amount', { kind: 'notify_wrong_amount', totalFen: 1 }],
    ['currency', { kind: 'notify_wrong_currency' }],
    ['appid', { kind: 'notify_wrong_appid' }],
    ['mchid', { kind: 'notify_wrong_mchid' }],
  ])('by its %s is kept for an operator and grants nothing', async (field, how) => {
    const placed = await order();
    await payQuietly(placed.id);
    expect(await tell(placed.id, how)).toEqual([204]);
    expect(await statusOf(placed)).toBe('amount_mismatch');
    expect(await outcomes(placed.id)).toEqual(['amount_mismatch']);
    expect(await available(placed.userId)).toBe(0);
    expect(await getMembership(database.db, placed.userId, shop.clock.now())).toBeNull();
    const audit = await database.db
      .selectFrom('audit_logs')
      .select('details')
      .where('subject_id', '=', placed.id)
      .where('action', '=', 'order.payment_amount_mismatch')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(audit.details)).toContain(field);
  });

  it('stays so when it is told again rightly', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    await tell(placed.id, { kind: 'notify_wrong_amount', totalFen: 9899 });
    expect(await tell(placed.id)).toEqual([204]);
    expect(await statusOf(placed)).toBe('amount_mismatch');
    expect(await available(placed.userId)).toBe(0);
  });

  it('is seen by a query too', async () => {
    const placed = await order();
    await sandbox.control.fault({
      vendor: 'wechat',
      kind: 'pay_wrong_amount',
      totalFen: 100,
      match: { outTradeNo: placed.id },
    });
    await payQuietly(placed.id);
    await shop.orders.reconcile({ orderId: placed.id, check: 0 });
    expect(await statusOf(placed)).toBe('amount_mismatch');
  });
});

const news = (placed: Order, transactionId: string) => ({
  source: 'notification' as const,
  requestId: 'test',
  payment: {
    appid: shop.settings.appid,
    mchid: shop.settings.mchid,
    outTradeNo: placed.id,
    transactionId,
    amountFen: placed.amountFen,
    currency: 'CNY',
    successTime: shop.clock.now(),
  },
});
const accept = (told: ReturnType<typeof news>) =>
  acceptPayment({ db: database.db, clock: shop.clock, merchant: shop.wechat.merchant }, told);

describe('a payment at the wrong time', () => {
  it('before the answer to the order has come is credited', async () => {
    await sandbox.control.fault({ vendor: 'wechat', kind: 'notify_early' });
    const placed = await order();
    expect(placed).toMatchObject({ status: 'paid', codeUrl: null });
    expect(await available(placed.userId)).toBe(100);
  });

  it('of an order we do not have (yet) is asked for again', async () => {
    const stray = news(await order(), newId());
    const unknown = { ...stray, payment: { ...stray.payment, outTradeNo: newId() } };
    await expect(accept(unknown)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('after the order was closed goes back by itself, and a row says why', async () => {
    const placed = await order();
    const closed = { status: 'closed' as const, closed_at: shop.clock.now() };
    await database.db.updateTable('orders').set(closed).where('id', '=', placed.id).execute();
    await payQuietly(placed.id);
    expect(await tell(placed.id)).toEqual([204]);
    expect(await statusOf(placed)).toBe('refunding');
    expect(await outcomes(placed.id)).toEqual(['paid_after_close']);
    expect(await refunded(placed.id)).toEqual(['paid_after_close 9900 succeeded']);
    expect(await statusOf(placed)).toBe('refunded');
    expect(await available(placed.userId)).toBe(0);
  });

  it('and a second one for the same order grants nothing and goes back, while the order stays paid', async () => {
    const placed = await order();
    await payQuietly(placed.id);
    await tell(placed.id);
    const second = newId();
    expect(await accept(news(placed, second))).toBe('second_payment');
    expect(await accept(news(placed, second))).toBe('already_recorded');
    expect(await outcomes(placed.id)).toEqual(['granted', 'second_payment']);
    expect(await audited(placed.id)).toContain('order.payment_second_payment');
    expect(await statusOf(placed)).toBe('paid');
    expect(await available(placed.userId)).toBe(100);
  });

  it('of two payments at the same time one is granted and the other recorded', async () => {
    const placed = await order();
    const results = await Promise.all([newId(), newId()].map((id) => accept(news(placed, id))));
    expect(results.toSorted()).toEqual(['granted', 'second_payment']);
    expect(await available(placed.userId)).toBe(100);
  });
});
