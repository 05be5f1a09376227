import { isAppError, type Order, type RequestedRefund } from '@yunshang/contracts';
import { inTransaction, newId, type Actor } from '@yunshang/db';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApprovals, getBalance, getMembership, listHistory, refundCharge } from '../src/index.ts';
import { acceptPayment } from '../src/orders/accept-payment.ts';
import { DAY_MS, expectHealthy, finishRefundJobs, holdCharge, makeMember } from './members.ts';
import { type Merchant, openMerchant } from './merchant.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let shop: Merchant;
let finance: Actor;
let colleague: Actor;

const person = async (role: 'finance' | 'admin'): Promise<Actor> => ({
  id: await makeMember(database.db, shop.clock.now()),
  role,
  requestId: newId(),
});
beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  shop = await openMerchant(sandbox, database);
  [finance, colleague] = await Promise.all([person('finance'), person('admin')]);
});
afterEach(() => sandbox.control.clearFaults());
afterAll(async () => {
  await expectHealthy(database.db, shop.clock.now());
  await Promise.all([shop.close(), database.close()]);
});

type Bought = Order & { userId: string };
async function bought(planId = 'BASIC', userId?: string): Promise<Bought> {
  const owner = userId ?? (await makeMember(database.db, shop.clock.now()));
  const key = { requestId: newId(), idempotencyKey: newId(), ip: '203.0.113.7' };
  const order = await shop.orders.create({ userId: owner, planId, channel: 'native', ...key });
  await sandbox.control.pay(order.id);
  await expect.poll(async () => (await shop.orders.get(owner, order.id)).status).toBe('paid');
  return { ...order, userId: owner };
}
const fault = (kind: string, more: Record<string, unknown> = {}) =>
  sandbox.control.fault({ vendor: 'wechat', kind, ...more });
const ask = (orderId: string, amountFen: number, more: { key?: string; by?: Actor } = {}): Promise<RequestedRefund> =>
  shop.refunds.request(more.by ?? finance, {
    orderId,
    amountFen,
    reason: '商品与描述不符',
    idempotencyKey: more.key ?? newId(),
  });
const codeOf = (error: unknown): string =>
  isAppError(error) ? [error.code, error.details.reason].filter(Boolean).join(' ') : String(error);
async function refundIdOf(asked: RequestedRefund | Promise<RequestedRefund>): Promise<string> {
  const { refund } = await asked;
  if (refund === null) throw new Error('it waits for a second person');
  return refund.id;
}
const send = (refundId: string) => shop.sendRefund(refundId);
/** As the worker would, without its pauses. */
async function finish(refundId: string): Promise<string> {
  await expect.poll(() => send(refundId), { timeout: 5_000 }).toBe('done');
  const { orderId, status } = await shop.refunds.get(refundId);
  await finishRefundJobs(database.db, orderId);
  return status;
}
const available = async (userId: string): Promise<number> =>
  (await getBalance(database.db, userId, shop.clock.now())).available;
const orderOf = (order: Bought) => shop.orders.get(order.userId, order.id);
const daysLeft = async (userId: string): Promise<number> => {
  const membership = await getMembership(database.db, userId, shop.clock.now());
  return membership === null ? 0 : Math.round((Date.parse(membership.endsAt) - shop.clock.now().getTime()) / DAY_MS);
};
const kinds = async (userId: string): Promise<string[]> =>
  (await listHistory(database.db, userId, { limit: 50 })).items
    .toReversed()
    .map(({ kind, amount }) => `${kind} ${amount}`);
const money = async (orderId: string): Promise<number[]> =>
  (
    await database.db
      .selectFrom('money_entries')
      .select('amount_fen')
      .where('order_id', '=', orderId)
      .orderBy('id')
      .execute()
  ).map((row) => row.amount_fen);
const vendorRefunds = async (orderId: string): Promise<string[]> =>
  (await sandbox.control.order(orderId)).refunds.map(({ refundFen, status }) => `${refundFen} ${status}`);

describe('a refund', () => {
  it('of all the money takes back the quota and the days, at once and before WeChat Pay hears of it', async () => {
    const order = await bought();
    const refundId = await refundIdOf(ask(order.id, 9900));
    expect(await available(order.userId)).toBe(0);
    expect(await daysLeft(order.userId)).toBe(0);
    expect((await orderOf(order)).status).toBe('refunding');
    expect(await vendorRefunds(order.id)).toEqual([]);
    expect(await money(order.id)).toEqual([9900]);
    expect(await finish(refundId)).toBe('succeeded');
    expect(await orderOf(order)).toMatchObject({ status: 'refunded', refundedFen: 9900 });
    expect(await vendorRefunds(order.id)).toEqual(['9900 SUCCESS']);
    expect(await money(order.id)).toEqual([9900, -9900]);
    expect(await kinds(order.userId)).toEqual(['grant 100', 'clawback -100']);
  });

  it('of a part takes its share of the quota and leaves the days; parts add up to all and no further', async () => {
    const order = await bought();
    expect(await finish(await refundIdOf(ask(order.id, 3300)))).toBe('succeeded');
    expect(await orderOf(order)).toMatchObject({ status: 'partially_refunded', refundedFen: 3300 });
    expect(await available(order.userId)).toBe(66);
    expect(await daysLeft(order.userId)).toBe(30);
    expect(await ask(order.id, 6601).catch(codeOf)).toBe('REFUND_EXCEEDS_PAYMENT');
    expect(await finish(await refundIdOf(ask(order.id, 6600)))).toBe('succeeded');
    expect(await orderOf(order)).toMatchObject({ status: 'refunded', refundedFen: 9900 });
    expect(await available(order.userId)).toBe(0);
    expect(await daysLeft(order.userId)).toBe(0);
    expect(await ask(order.id, 1).catch(codeOf)).toBe('REFUND_EXCEEDS_PAYMENT');
    expect(await money(order.id)).toEqual([9900, -3300, -6600]);
  });

  it('leaves other purchases their quota, and their days move up', async () => {
    const first = await bought();
    await bought('BASIC', first.userId);
    await finish(await refundIdOf(ask(first.id, 9900)));
    expect(await available(first.userId)).toBe(100);
    expect(await daysLeft(first.userId)).toBe(30);
  });

  it('is asked for once however often and by however many', async () => {
    const order = await bought();
    const key = newId();
    const same = await Promise.all([1, 2, 3, 4].map(() => ask(order.id, 1000, { key }).catch(codeOf)));
    const ids = same.filter((one): one is RequestedRefund => typeof one !== 'string').map(({ refund }) => refund?.id);
    expect(new Set(ids).size).toBe(1);
    expect(await ask(order.id, 1001, { key }).catch(codeOf)).toBe('IDEMPOTENCY_KEY_REUSED');
    await finish(ids[0] ?? '');
    const others = await Promise.all(
      [finance, colleague, finance].map((by) => ask(order.id, 8900, { by }).catch(codeOf)),
    );
    expect(others.filter((one) => typeof one !== 'string')).toHaveLength(1);
    expect(
      others.filter((one) => typeof one === 'string').every((code) => /REFUND_EXCEEDS|refund_open/.test(code)),
    ).toBe(true);
    const { items } = await shop.refunds.list({ orderId: order.id, limit: 10 });
    await finish(items[0]?.id ?? '');
    expect(await vendorRefunds(order.id)).toEqual(['1000 SUCCESS', '8900 SUCCESS']);
  });

  it('above the limit waits for a second person, who does it by agreeing', async () => {
    const order = await bought('PRO');
    const approvals = createApprovals({
      db: database.db,
      clock: shop.clock,
      executors: { order_refund: shop.refunds.onApproved },
    });
    const { refund, approval } = await ask(order.id, 19_900);
    expect(refund).toBeNull();
    const approvalId = approval?.id ?? '';
    expect(approval).toMatchObject({ kind: 'order_refund', status: 'pending', payload: { amountFen: 19_900 } });
    expect(await available(order.userId)).toBe(200);
    const decide = (by: Actor) =>
      approvals.decide(by, { approvalId, decision: 'approve', reason: '已核实' }).catch(codeOf);
    expect(await decide(finance)).toBe('APPROVAL_OWN');
    const decisions = await Promise.all([colleague, await person('finance'), colleague].map(decide));
    expect(decisions.filter((one) => typeof one !== 'string')).toHaveLength(1);
    expect(decisions).toContain('STATE_CONFLICT approval_ended');
    const { items } = await shop.refunds.list({ orderId: order.id, limit: 10 });
    expect(items).toMatchObject([{ approvalId, amountFen: 19_900, status: 'intended' }]);
    expect(await finish(items[0]?.id ?? '')).toBe('succeeded');
  });

  it('that is approved when the money has gone already undoes the approval', async () => {
    const order = await bought('PRO');
    const approvals = createApprovals({
      db: database.db,
      clock: shop.clock,
      executors: { order_refund: shop.refunds.onApproved },
    });
    const { approval } = await ask(order.id, 15_000);
    await finish(await refundIdOf(ask(order.id, 9_000)));
    const input = { approvalId: approval?.id ?? '', decision: 'approve' as const, reason: '同意' };
    expect(await approvals.decide(colleague, input).catch(codeOf)).toBe('REFUND_EXCEEDS_PAYMENT');
    expect((await approvals.get(input.approvalId)).status).toBe('pending');
    expect((await approvals.decide(colleague, { ...input, decision: 'reject' })).status).toBe('rejected');
    expect(await approvals.decide(colleague, input).catch(codeOf)).toBe('STATE_CONFLICT approval_ended');
  });

  it('of an unpaid order, or one that is not there, is refused', async () => {
    const userId = await makeMember(database.db, shop.clock.now());
    const wish = {
      planId: 'BASIC',
      channel: 'native' as const,
      ip: '203.0.113.7',
      requestId: newId(),
      idempotencyKey: newId(),
    };
    const order = await shop.orders.create({ userId, ...wish });
    expect(await ask(order.id, 100).catch(codeOf)).toBe('STATE_CONFLICT nothing_paid');
    expect(await ask(newId(), 100).catch(codeOf)).toBe('ORDER_NOT_FOUND');
  });
});

const giveBack = (userId: string, chargeId: string) =>
  inTransaction(database.db, (tx) =>
    refundCharge(tx, { userId, chargeId, cause: 'task_failed', now: shop.clock.now() }),
  );

async function failTask(taskId: string): Promise<void> {
  const now = shop.clock.now();
  await database.db
    .updateTable('tasks')
    .set({ status: 'failed', failure_code: 'PROVIDER_FAILED', refunded: 1, finished_at: now, stage: 'failed' })
    .where('id', '=', taskId)
    .execute();
  await database.db
    .insertInto('task_events')
    .values({ task_id: taskId, status: 'failed', percent: 100, stage: 'failed', created_at: now })
    .execute();
  await database.db.deleteFrom('outbox').where('dedup_key', '=', `task:${taskId}`).execute();
}

describe('what running tasks hold', () => {
  it('is taken when they give it back, so that no unit is free', async () => {
    const order = await bought();
    const { userId } = order;
    const held = await holdCharge(database.db, userId, { amount: 30, now: shop.clock.now() });
    const other = await holdCharge(database.db, userId, { amount: 5, now: shop.clock.now() });
    const refundId = await refundIdOf(ask(order.id, 9900));
    expect(await shop.refunds.get(refundId)).toMatchObject({ clawedQuota: 65, dueQuota: 35 });
    await finish(refundId);
    const twice = await Promise.all([1, 2].map(() => giveBack(userId, held.chargeId)));
    expect(new Set(twice.map(({ refunded }) => refunded))).toEqual(new Set([30, undefined]));
    expect(await available(userId)).toBe(0);
    expect(await shop.refunds.get(refundId)).toMatchObject({ clawedQuota: 95, dueQuota: 5 });
    await failTask(held.taskId);
    await giveBack(userId, other.chargeId);
    await failTask(other.taskId);
    expect(await available(userId)).toBe(0);
    expect(await shop.refunds.get(refundId)).toMatchObject({ clawedQuota: 100, dueQuota: 0 });
  });

  it('is given back in full while another purchase paid for it', async () => {
    const order = await bought();
    const second = await bought('BASIC', order.userId);
    const held = await holdCharge(database.db, order.userId, { amount: 120, now: shop.clock.now() });
    const refundId = await refundIdOf(ask(second.id, 9900));
    expect(await shop.refunds.get(refundId)).toMatchObject({ clawedQuota: 80, dueQuota: 20 });
    await giveBack(order.userId, held.chargeId);
    await failTask(held.taskId);
    expect(await available(order.userId)).toBe(100);
    await finish(refundId);
  });
});

describe('when WeChat Pay', () => {
  it('closes it, quota, days and money are as they were, and it can be asked for again', async () => {
    const order = await bought();
    await fault('refund_ends', { status: 'CLOSED' });
    const refundId = await refundIdOf(ask(order.id, 9900));
    expect(await finish(refundId)).toBe('closed');
    expect(await orderOf(order)).toMatchObject({ status: 'paid', refundedFen: 0 });
    expect(await available(order.userId)).toBe(100);
    expect(await daysLeft(order.userId)).toBe(30);
    expect(await money(order.id)).toEqual([9900]);
    const again = await refundIdOf(ask(order.id, 9900));
    expect(again).not.toBe(refundId);
    expect(await finish(again)).toBe('succeeded');
    expect(await available(order.userId)).toBe(0);
  });

  it('is stuck with it, somebody is called, and it ends when the bank has been asked again', async () => {
    const order = await bought();
    await fault('refund_ends', { status: 'ABNORMAL' });
    const refundId = await refundIdOf(ask(order.id, 9900));
    await expect
      .poll(async () => [await send(refundId), (await shop.refunds.get(refundId)).status][1])
      .toBe('abnormal');
    const alerts = await database.db
      .selectFrom('alerts')
      .select(['kind', 'details'])
      .where('kind', '=', 'refund_abnormal')
      .execute();
    expect(JSON.stringify(alerts)).toContain(refundId);
    expect((await orderOf(order)).status).toBe('refunding');
    await sandbox.control.refund({ outRefundNo: refundId, status: 'SUCCESS' });
    expect(await finish(refundId)).toBe('succeeded');
  });

  it('tells before it answers, many times, or never: one entry, one end', async () => {
    const order = await bought();
    await fault('refund_ends', { status: 'SUCCESS', afterMs: 0 });
    await fault('notify_duplicate', { count: 6, match: { action: 'NotifyRefund' } });
    await fault('timeout_after_commit', { match: { action: 'CreateRefund' } });
    const refundId = await refundIdOf(ask(order.id, 9900));
    const first = send(refundId).catch(codeOf);
    await expect.poll(async () => (await shop.refunds.get(refundId)).status).toBe('succeeded');
    expect(await first).toBe('PAYMENT_UNAVAILABLE');
    await sandbox.control.refund({ outRefundNo: refundId, count: 15 });
    expect(await finish(refundId)).toBe('succeeded');
    expect(await money(order.id)).toEqual([9900, -9900]);
    expect(await vendorRefunds(order.id)).toEqual(['9900 SUCCESS']);
  });

  it('loses the answer, the refund is found under its number and not sent twice', async () => {
    const order = await bought();
    await fault('notify_never', { match: { action: 'NotifyRefund' } });
    await fault('timeout_after_commit', { match: { action: 'CreateRefund' } });
    const refundId = await refundIdOf(ask(order.id, 5000));
    expect(await send(refundId).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    expect((await shop.refunds.get(refundId)).status).toBe('intended');
    expect(await finish(refundId)).toBe('succeeded');
    const calls = await sandbox.control.log({ vendor: 'wechat' });
    const creates = calls.filter(({ action, ids }) => action === 'CreateRefund' && ids['outRefundNo'] === refundId);
    expect(creates).toHaveLength(1);
  });

  it.each([
    ['is down', 'error', { status: 500 }],
    ['hangs up', 'drop', {}],
    ['says nothing', 'timeout', {}],
  ])('%s, nothing is lost and the same number is tried again', async (_what, kind, more) => {
    const order = await bought();
    await fault(kind, { ...more, match: { action: 'CreateRefund' } });
    const refundId = await refundIdOf(ask(order.id, 100));
    expect(await send(refundId).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    expect(await finish(refundId)).toBe('succeeded');
    expect(await vendorRefunds(order.id)).toEqual(['100 SUCCESS']);
  });

  it('has no money of ours, it waits for it; refused for good, finance gives it up and all is as before', async () => {
    const order = await bought();
    await fault('error', { status: 403, code: 'NOT_ENOUGH', match: { action: 'CreateRefund' }, times: 2 });
    const refundId = await refundIdOf(ask(order.id, 9900));
    expect(await send(refundId)).toEqual({ againAt: expect.any(Date) });
    expect(await shop.refunds.get(refundId)).toMatchObject({ status: 'abnormal', vendorCode: 'NOT_ENOUGH' });
    expect(await ask(order.id, 100).catch(codeOf)).toBe('REFUND_EXCEEDS_PAYMENT');
    expect((await shop.refunds.retry(finance, refundId)).status).toBe('abnormal');
    expect(await send(refundId)).toEqual({ againAt: expect.any(Date) });
    expect(await shop.refunds.giveUp(finance, refundId).catch(codeOf)).toBe('STATE_CONFLICT refund_being_asked');
    shop.clock.advance(61_000);
    expect((await shop.refunds.giveUp(finance, refundId)).status).toBe('closed');
    expect(await available(order.userId)).toBe(100);
    expect((await orderOf(order)).status).toBe('paid');
    expect(await shop.refunds.giveUp(finance, refundId).catch(codeOf)).toBe('STATE_CONFLICT refund_closed');
    await finishRefundJobs(database.db, order.id);
    expect(await shop.refunds.retry(finance, refundId).catch(codeOf)).toBe('STATE_CONFLICT refund_ended');
  });

  it('has ended by itself what finance gives up, the log names who gave it up', async () => {
    await fault('refund_ends', { status: 'ABNORMAL' });
    const refundId = await refundIdOf(ask((await bought()).id, 9900));
    await expect
      .poll(async () => [await send(refundId), (await shop.refunds.get(refundId)).status][1])
      .toBe('abnormal');
    await sandbox.control.refund({ outRefundNo: refundId, status: 'CLOSED', count: 0 });
    expect((await shop.refunds.giveUp(finance, refundId)).status).toBe('closed');
    const rows = await database.db
      .selectFrom('audit_logs')
      .select(['actor_id', 'details'])
      .where('action', '=', 'refund.closed')
      .execute();
    expect(rows).toContainEqual({ actor_id: finance.id, details: expect.objectContaining({ refundId }) });
  });

  it('says something else after the end, or another sum, nothing moves and somebody is called', async () => {
    const order = await bought();
    const refundId = await refundIdOf(ask(order.id, 9900));
    await finish(refundId);
    await sandbox.control.refund({ outRefundNo: refundId, status: 'CLOSED' });
    expect((await shop.refunds.get(refundId)).status).toBe('succeeded');
    expect(await available(order.userId)).toBe(0);
    const alerts = await database.db
      .selectFrom('alerts')
      .select('details')
      .where('kind', '=', 'refund_abnormal')
      .execute();
    expect(JSON.stringify(alerts)).toContain('succeeded_then_closed');
    await sandbox.control.refund({ outRefundNo: refundId, status: 'SUCCESS', count: 0 });
  });
});

it('two workers and ten notifications on one refund: one end', async () => {
  const order = await bought();
  const refundId = await refundIdOf(ask(order.id, 9900));
  await Promise.all([send(refundId), send(refundId)]);
  await Promise.all([
    sandbox.control.refund({ outRefundNo: refundId, status: 'SUCCESS', count: 10 }),
    send(refundId),
    send(refundId),
  ]);
  expect(await finish(refundId)).toBe('succeeded');
  expect(await money(order.id)).toEqual([9900, -9900]);
});

it('a payment that bought nothing can be given back by finance', async () => {
  const userId = await makeMember(database.db, shop.clock.now());
  const wish = {
    planId: 'BASIC',
    channel: 'native' as const,
    ip: '203.0.113.7',
    requestId: newId(),
    idempotencyKey: newId(),
  };
  await fault('pay_wrong_amount', { totalFen: 100 });
  const order = await shop.orders.create({ userId, ...wish });
  await sandbox.control.pay(order.id);
  await expect.poll(async () => (await shop.orders.get(userId, order.id)).status).toBe('amount_mismatch');
  expect(await finish(await refundIdOf(ask(order.id, 100)))).toBe('succeeded');
  expect(await shop.orders.get(userId, order.id)).toMatchObject({ status: 'refunded', refundedFen: 100 });
  expect(await available(userId)).toBe(0);
});

it('a second payment of a paid order goes back by itself and costs the member nothing', async () => {
  const order = await bought();
  const { merchant } = shop.wechat;
  const payment = {
    ...merchant,
    outTradeNo: order.id,
    transactionId: newId(),
    amountFen: 9900,
    currency: 'CNY',
    successTime: shop.clock.now(),
  };
  const deps = { db: database.db, clock: shop.clock, merchant };
  expect(await acceptPayment(deps, { payment, source: 'query', requestId: 'test' })).toBe('second_payment');
  const { items } = await shop.refunds.list({ orderId: order.id, limit: 10 });
  expect(items).toMatchObject([
    { cause: 'second_payment', amountFen: 9900, clawedQuota: 0, removedMs: 0, status: 'intended' },
  ]);
  expect((await orderOf(order)).status).toBe('paid');
  expect(await available(order.userId)).toBe(100);
  // The sandbox never saw that money, so it refuses: a person gives it up.
  await send(items[0]?.id ?? '');
  shop.clock.advance(61_000);
  await shop.refunds.giveUp(finance, items[0]?.id ?? '');
  expect((await orderOf(order)).status).toBe('paid');
  await finishRefundJobs(database.db, order.id);
});
