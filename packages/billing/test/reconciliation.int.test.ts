import { isAppError, type ReconciliationRun } from '@yunshang/contracts';
import { type Actor, newId, systemClock, shanghaiDay } from '@yunshang/db';
import { type BillPlan, makeBilledOrders, makeRefund, plantDifferences, PLANTED_ORDERS } from '@yunshang/devstack';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterEach, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayStart } from '../src/calendar/calendar.ts';
import {
  createBillGateway,
  createReconciliation,
  createReconciliationWork,
  createWechatGateway,
  getBalance,
  insertReading,
  type Reconciliation,
  type ReconciliationWork,
} from '../src/index.ts';
import { makeMember } from './members.ts';
import { wechatSettingsOf } from './merchant.ts';

const DAY_MS = 86_400_000;
/** Noon, so that nothing is near midnight. */
const noonDaysAgo = (days: number): Date =>
  new Date(dayStart(shanghaiDay(new Date(Date.now() - days * DAY_MS))).getTime() + DAY_MS / 2);

let database: Awaited<ReturnType<typeof testDatabase>>;
let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let work: ReconciliationWork;
let reconciliation: Reconciliation;
let finance: Actor;
const kept = new Map<string, number>();

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  work = workWith();
  reconciliation = createReconciliation({ db: database.db, clock: systemClock });
  finance = { id: await makeMember(database.db, new Date()), role: 'finance', requestId: 'test' };
});
afterEach(() => sandbox.control.clearFaults());
afterAll(() => database.close());

function workWith(clock = systemClock): ReconciliationWork {
  const settings = { ...wechatSettingsOf(sandbox, 'http://127.0.0.1:1/notify'), timeoutMs: 3_000 };
  return createReconciliationWork({
    db: database.db,
    clock,
    wechat: createWechatGateway(settings, systemClock),
    bills: createBillGateway(settings, systemClock),
    archive: { keep: (key, { bytes }) => Promise.resolve(void kept.set(key, bytes)) },
    consumption: async () => [],
  });
}

const shop = () => ({ db: database.db, control: sandbox.control, mchid: sandbox.settings.mchid });
const plan = (day: string, kind: BillPlan['kind'], more: Partial<BillPlan> = {}): Promise<void> =>
  sandbox.control.bill({ day, kind, ...more });
const codeOf = (error: unknown): string => (isAppError(error) ? error.code : String(error));

async function reconcile(day: string): Promise<ReconciliationRun> {
  const { run, worked } = await work.runNow(day);
  expect(worked).toBe('done');
  return run;
}
/** `kind subject` of all that a run found. */
async function foundBy(runId: string): Promise<string[]> {
  const rows = await database.db
    .selectFrom('reconciliation_findings as f')
    .innerJoin('reconciliation_exceptions as e', 'e.id', 'f.exception_id')
    .select(['e.kind', 'e.subject'])
    .where('f.run_id', '=', runId)
    .execute();
  return rows.map(({ kind, subject }) => `${kind} ${subject}`).toSorted();
}
const alertsOf = (runId: string) =>
  database.db
    .selectFrom('alerts')
    .selectAll()
    .where('dedup_key', 'like', `reconciliation_exception:${runId}:%`)
    .execute();
const actor = { id: null, role: 'system', requestId: 'test' } as const;

describe('a day of 600 orders with one of every difference', () => {
  const paidAt = noonDaysAgo(3);
  const day = shanghaiDay(paidAt);
  let expected: string[];
  let first: ReconciliationRun;

  beforeAll(async () => {
    const orders = await makeBilledOrders(shop(), { count: 600, paidAt });
    const planted = orders.slice(0, PLANTED_ORDERS);
    expected = await plantDifferences({ db: database.db, sandbox, day, paidAt }, planted);
    first = await reconcile(day);
  });

  it('finds every one of them and invents none', async () => {
    expect(new Set(expected.map((text) => text.split(' ')[0])).size).toBeGreaterThanOrEqual(22);
    expect(await foundBy(first.id)).toEqual(expected);
    expect(first).toMatchObject({ state: 'done', found: expected.length, healed: 2 });
    expect(first.bills.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['trade ready', 'fund_flow ready']);
    for (const { object, bytes } of first.bills) expect(kept.get(object ?? '')).toBe(bytes);
  });

  it('has credited what was paid, once, and recorded what was refunded', async () => {
    const { db } = database;
    const payment = await db
      .selectFrom('payment_transactions as p')
      .innerJoin('orders as o', 'o.id', 'p.order_id')
      .select(['o.user_id', 'o.status', 'p.outcome', 'p.billed_on'])
      .where('p.transaction_id', '=', 'PAIDTHERE')
      .executeTakeFirstOrThrow();
    expect(payment).toMatchObject({ status: 'paid', outcome: 'granted' });
    expect(payment.billed_on?.toISOString().slice(0, 10)).toBe(day);
    expect((await getBalance(db, payment.user_id, new Date())).available).toBe(200);
    const refund = await db
      .selectFrom('order_refunds as r')
      .innerJoin('orders as o', 'o.id', 'r.order_id')
      .select(['r.status', 'r.cause', 'r.amount_fen', 'r.user_id', 'o.status as order_status'])
      .where('r.out_refund_no', '=', 'REFUNDEDTHERE')
      .executeTakeFirstOrThrow();
    expect(refund).toMatchObject({
      status: 'succeeded',
      cause: 'found_at_vendor',
      amount_fen: 9_900,
      order_status: 'refunded',
    });
    expect((await getBalance(db, refund.user_id, new Date())).available).toBe(0);
  });

  it('settles the fees the bill tells, to the micro-yuan', async () => {
    const { total } = await database.db
      .selectFrom('cost_entries')
      .select((eb) => eb.fn.sum('amount_micro_yuan').as('total'))
      .where('item', '=', 'wechat_pay:fee')
      .executeTakeFirstOrThrow();
    // Without what is dropped or another's; PAIDTHERE is one more, and one has ten times the fee.
    expect(Number(total)).toBe((600 - 2 + 1 - 1) * 590_000 + 5_940_000);
  });

  it('tells once, finds the same differences again and tells no more', async () => {
    expect(await alertsOf(first.id)).toHaveLength(1);
    const before = await database.db.selectFrom('reconciliation_exceptions').select('id').execute();
    const second = await reconcile(day);
    const unhealed = expected.filter((text) => !/ (PAIDTHERE|R-THERE)$/.test(text));
    expect(await foundBy(second.id)).toEqual(unhealed);
    expect(second).toMatchObject({ healed: 0, counts: { news: 0, gone: 0 } });
    expect(await database.db.selectFrom('reconciliation_exceptions').select('id').execute()).toHaveLength(
      before.length,
    );
    expect(await alertsOf(second.id)).toHaveLength(0);
  });

  it('ends by itself what a right bill does not show any more, and what stays accepted is not told of again', async () => {
    const { items } = await reconciliation.exceptions.list({ kind: 'unknown_order', limit: 10 });
    const [strange] = items;
    if (strange === undefined) throw new Error('no such difference');
    await reconciliation.exceptions.move(finance, { exceptionId: strange.id, to: 'accepted', note: '线下收款' });
    await plan(day, 'trade');
    await plan(day, 'fund_flow');
    const third = await reconcile(day);
    const here = ['paid_not_granted', 'refunded_here_not_there', 'unknown_order', 'fee_differs'];
    expect((await foundBy(third.id)).map((text) => text.replace(/ .*/, '')).toSorted()).toEqual(here.toSorted());
    expect(third.counts['gone']).toBe(expected.length - 2 - here.length);
    const { items: open } = await reconciliation.exceptions.list({ day, state: 'open', limit: 100 });
    expect(open.map(({ kind }) => kind).toSorted()).toEqual(here.filter((kind) => kind !== 'unknown_order').toSorted());
    expect((await reconciliation.exceptions.get(strange.id)).state).toBe('accepted');
  });

  it('is found again when it comes back', async () => {
    const { items } = await reconciliation.exceptions.list({ kind: 'currency_differs', limit: 1 });
    const [dollars] = items;
    expect(dollars?.state).toBe('resolved');
    await plan(day, 'trade', { edits: [{ op: 'set', number: dollars?.subject ?? '', values: { 货币种类: 'USD' } }] });
    const fourth = await reconcile(day);
    const detail = await reconciliation.exceptions.get(dollars?.id ?? '');
    expect(detail.events.map(({ cause, to }) => `${cause} ${to}`)).toEqual([
      'found open',
      'gone resolved',
      'found_again reopened',
    ]);
    expect(await alertsOf(fourth.id)).toHaveLength(1);
  });
});

describe('a bill', () => {
  let next = 10;
  async function dayWith(count: number): Promise<{ day: string; paidAt: Date }> {
    next += 1;
    const paidAt = noonDaysAgo(next);
    await makeBilledOrders(shop(), { count, paidAt });
    return { day: shanghaiDay(paidAt), paidAt };
  }

  it.each([
    ['cut short', { bends: ['truncated'] }, 'bill_truncated trade:'],
    ['of another hash', { bends: ['wrong_hash'] }, 'bill_hash_differs trade:'],
    ['that can not be unpacked', { bends: ['broken_gzip'] }, 'bill_hash_differs trade:'],
    ['without a column that is needed', { bends: ['missing_column'] }, 'bill_unreadable trade:'],
    ['that is said not to exist', { bends: ['absent'] }, 'bill_absent trade:'],
  ])('%s is one difference, and no order is blamed', async (_what, how, found) => {
    const { day } = await dayWith(3);
    await plan(day, 'trade', how);
    const run = await reconcile(day);
    expect((await foundBy(run.id)).filter((text) => !text.startsWith('fund_flow'))).toEqual([`${found}${day}`]);
    await plan(day, 'trade');
    expect(await foundBy((await reconcile(day)).id)).toEqual([]);
  });

  it('that is odd and right is right', async () => {
    const { day } = await dayWith(3);
    await plan(day, 'trade', { bends: ['bom', 'crlf', 'reordered'] });
    expect(await reconcile(day)).toMatchObject({ found: 0, counts: { paymentsMatched: 3, paymentsHere: 3 } });
  });

  it('of a quiet day is none, and that is well', async () => {
    expect(await reconcile(shanghaiDay(noonDaysAgo(40)))).toMatchObject({
      found: 0,
      bills: [{ state: 'absent' }, { state: 'absent' }],
    });
  });

  it('in the making is waited for, and late in the evening somebody is told', async () => {
    const { day } = await dayWith(1);
    await plan(day, 'fund_flow', { creatingFor: 1 });
    const { run, worked } = await work.runNow(day);
    expect(run.state).toBe('waiting');
    expect(worked).toMatchObject({ againAt: expect.any(Date) });
    expect(await foundBy(run.id)).toEqual([`bill_late wechat:${day}`]);
    expect(await work.work({ runId: run.id })).toBe('done');
    const ended = await reconciliation.run(run.id);
    expect(ended).toMatchObject({ state: 'done', found: 0, counts: { gone: 1 } });
    expect(await work.work({ runId: run.id })).toBe('done');
  });

  it('shows refunds of an earlier month, and those are no difference', async () => {
    next += 1;
    const paidAt = noonDaysAgo(next + 40);
    const at = noonDaysAgo(next);
    const [order] = await makeBilledOrders(shop(), { count: 1, paidAt });
    if (order === undefined) throw new Error('no order');
    const { outRefundNo, vendorRefundId } = await makeRefund(database.db, order, { refundFen: 900, at });
    const refund = { outRefundNo, refundId: vendorRefundId, refundFen: 900, createdAt: at };
    const { orderId: outTradeNo, transactionId } = order;
    await sandbox.control.book([{ outTradeNo, transactionId, totalFen: 9_900, paidAt, refunds: [refund] }]);
    expect(await reconcile(shanghaiDay(at))).toMatchObject({ found: 0, counts: { refundsOfEarlierMonths: 1 } });
  });
});

describe('a run', () => {
  it('two at once are one', async () => {
    const paidAt = noonDaysAgo(30);
    await makeBilledOrders(shop(), { count: 5, paidAt });
    const day = shanghaiDay(paidAt);
    const both = await Promise.all([
      reconciliation.start(actor, { day, kind: 'wechat' }),
      reconciliation.start(actor, { day, kind: 'wechat' }),
    ]);
    expect(both[0]?.id).toBe(both[1]?.id);
    const outcomes = await Promise.all([0, 1, 2].map(() => work.work({ runId: both[0]?.id ?? '' })));
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBeGreaterThanOrEqual(1);
    expect((await reconciliation.run(both[0]?.id ?? '')).state).toBe('done');
    const jobs = await database.db
      .selectFrom('outbox')
      .select('id')
      .where('dedup_key', '=', `reconciliation:${both[0]?.id}`)
      .execute();
    expect(jobs).toHaveLength(1);
  });

  it.each(['TradeBill', 'DownloadBill', 'FundFlowBill'])('goes on after %s did not answer', async (action) => {
    const paidAt = noonDaysAgo(31);
    const day = shanghaiDay(paidAt);
    await sandbox.control.fault({
      vendor: 'wechat',
      match: { action },
      kind: 'error',
      status: 500,
      code: 'SYSTEM_ERROR',
    });
    await makeBilledOrders(shop(), { count: 1, paidAt });
    expect(await work.runNow(day).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    expect(await reconcile(day)).toMatchObject({ found: 0 });
  });

  it('is refused for today, tomorrow and what WeChat Pay keeps no more', async () => {
    for (const day of [shanghaiDay(new Date()), shanghaiDay(new Date(Date.now() + DAY_MS)), '2020-01-01'])
      expect(await reconciliation.start(actor, { day, kind: 'wechat' }).catch(codeOf)).toBe('INPUT_INVALID');
    expect(await reconciliation.run(newId()).catch(codeOf)).toBe('RECONCILIATION_NOT_FOUND');
  });

  it('is promised by the clock for each day of the last week whose bills are there, once', async () => {
    const noon = workWith({ now: () => new Date(noonDaysAgo(0).getTime()) });
    const early = workWith({ now: () => new Date(noonDaysAgo(0).getTime() - 3 * 3_600_000) });
    const yesterday = shanghaiDay(noonDaysAgo(1));
    // A vendor's account is compared from its first reading on.
    const reading = { microYuan: 1, microCoins: 0, microYuanPerCoin: 0, day: yesterday, at: noonDaysAgo(1) };
    expect(await insertReading(database.db, 'runninghub-a', reading)).toBe(true);
    expect(await insertReading(database.db, 'runninghub-a', reading)).toBe(false);
    expect((await early.promiseDue()).map(({ day }) => day)).not.toContain(yesterday);
    expect(await noon.promiseDue()).toEqual([
      { day: yesterday, kind: 'wechat' },
      { day: yesterday, kind: 'provider' },
    ]);
    expect(await noon.promiseDue()).toEqual([]);
  });
});

async function difference(): Promise<string> {
  const { items } = await reconciliation.exceptions.list({ kind: 'fee_differs', limit: 1 });
  const [{ id } = { id: '' }] = items;
  return id;
}

describe('somebody', () => {
  it('investigates, notes, gives away and resolves, and the history says who and why', async () => {
    const exceptionId = await difference();
    await reconciliation.exceptions.move(finance, { exceptionId, to: 'investigating', note: '正在核对费率' });
    await database.db.updateTable('users').set({ role: 'finance' }).where('id', '=', finance.id).execute();
    await reconciliation.exceptions.assign(finance, { exceptionId, assignedTo: finance.id });
    await reconciliation.exceptions.note(finance, { exceptionId, note: '已联系微信支付' });
    expect(await reconciliation.exceptions.list({ assignedTo: finance.id ?? '', limit: 5 })).toMatchObject({
      items: [{ id: exceptionId, state: 'investigating' }],
    });
    await reconciliation.exceptions.move(finance, { exceptionId, to: 'resolved', note: '费率已更新' });
    const { events, state } = await reconciliation.exceptions.get(exceptionId);
    expect(state).toBe('resolved');
    expect(events.slice(-4).map(({ cause, to, actorId }) => [cause, to, actorId])).toEqual([
      ['moved', 'investigating', finance.id],
      ['assigned', 'investigating', finance.id],
      ['noted', 'investigating', finance.id],
      ['moved', 'resolved', finance.id],
    ]);
  });

  it('of two who decide at once is the only one', async () => {
    const exceptionId = await difference();
    await reconciliation.exceptions.move(finance, { exceptionId, to: 'reopened', note: '再次核对' });
    const decide = (to: 'resolved' | 'accepted') =>
      reconciliation.exceptions.move(finance, { exceptionId, to, note: '同时决定' }).then(() => to, codeOf);
    const outcomes = await Promise.all([decide('resolved'), decide('accepted'), decide('resolved')]);
    expect(outcomes.filter((outcome) => outcome === 'STATE_CONFLICT')).toHaveLength(2);
    expect(outcomes).toContain((await reconciliation.exceptions.get(exceptionId)).state);
  });

  it('can not move what is not theirs, give it to a member, or name what is not there', async () => {
    const exceptionId = await difference();
    const operator: Actor = { ...finance, role: 'operator' };
    const move = { exceptionId, to: 'reopened', note: '运营' } as const;
    expect(await reconciliation.exceptions.move(operator, move).catch(codeOf)).toBe('FORBIDDEN');
    const member = await makeMember(database.db, new Date());
    expect(await reconciliation.exceptions.assign(finance, { exceptionId, assignedTo: member }).catch(codeOf)).toBe(
      'INPUT_INVALID',
    );
    const nothing = { ...move, exceptionId: newId() };
    expect(await reconciliation.exceptions.move(finance, nothing).catch(codeOf)).toBe('RECONCILIATION_NOT_FOUND');
    expect(await reconciliation.exceptions.note(finance, nothing).catch(codeOf)).toBe('RECONCILIATION_NOT_FOUND');
  });

  it('finds the books whole: the doctor has nothing to say about bills', async () => {
    const findings = await runDoctor(database.db, { now: new Date() });
    expect(findings.filter(({ invariant }) => invariant === 'I16')).toEqual([]);
  });
});
