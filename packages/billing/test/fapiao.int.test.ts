import { type Fapiao, isAppError } from '@yunshang/contracts';
import { type Actor, newId } from '@yunshang/db';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFapiaos, type Fapiaos, manualIssuer, watchRedDue } from '../src/index.ts';
import { DAY_MS, expectHealthy, finishRefundJobs, makeMember } from './members.ts';
import { type Merchant, openMerchant } from './merchant.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let shop: Merchant;
let fapiao: Fapiaos;
let finance: Actor;

const FILE = 'fapiao/2026/one.pdf';

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  shop = await openMerchant(sandbox, database);
  finance = { id: await makeMember(database.db, shop.clock.now()), role: 'finance', requestId: newId() };
  // The bucket belongs to another room; here it has one file.
  const files = {
    head: (key: string) => Promise.resolve(key === FILE ? { bytes: 1 } : undefined),
    signedUrl: (key: string) =>
      Promise.resolve({ url: `https://bucket.example.com/${key}`, expiresAt: shop.clock.now() }),
  };
  fapiao = createFapiaos({ db: database.db, clock: shop.clock, files, issuer: manualIssuer(files) });
});
afterAll(async () => {
  await expectHealthy(database.db, shop.clock.now());
  await Promise.all([shop.close(), database.close()]);
});

type Bought = { actor: Actor; userId: string; orderId: string; titleId: string };
async function bought(): Promise<Bought> {
  const userId = await makeMember(database.db, shop.clock.now());
  const key = { requestId: newId(), idempotencyKey: newId(), ip: '203.0.113.7' };
  const { id } = await shop.orders.create({ userId, planId: 'BASIC', channel: 'native', ...key });
  const actor: Actor = { id: userId, role: 'member', requestId: newId() };
  const title = await fapiao.addTitle(userId, { kind: 'company', name: '腾讯科技', taxNo: '9144030071526726XG' });
  await sandbox.control.pay(id);
  await expect.poll(async () => (await shop.orders.get(userId, id)).status).toBe('paid');
  return { actor, userId, orderId: id, titleId: title.id };
}
const request = ({ actor, userId, orderId, titleId }: Bought): Promise<Fapiao> =>
  fapiao.request(actor, { userId, orderId, titleId });
const codeOf = (error: unknown): string =>
  isAppError(error) ? [error.code, error.details.reason].filter(Boolean).join(' ') : String(error);
async function refund(orderId: string, amountFen: number): Promise<void> {
  const asked = await shop.refunds.request(finance, { orderId, amountFen, reason: '退款', idempotencyKey: newId() });
  await finish(orderId, asked.refund?.id);
}
async function finish(orderId: string, refundId: string | undefined): Promise<void> {
  await expect.poll(() => shop.sendRefund(refundId ?? ''), { timeout: 5_000 }).toBe('done');
  await finishRefundJobs(database.db, orderId);
}
let numbers = 0;
const document = (fapiaoId: string) => {
  numbers += 1;
  return { fapiaoId, number: String(numbers).padStart(20, '0'), issuedOn: '2026-01-01', objectKey: FILE };
};
async function issued(of: Bought): Promise<Fapiao> {
  const { id } = await request(of);
  await fapiao.begin(finance, id);
  return fapiao.issue(finance, document(id));
}
const actionsOf = async (orderId: string): Promise<string[]> => {
  const rows = await database.db
    .selectFrom('audit_logs')
    .select('action')
    .where('subject_id', '=', orderId)
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action).filter((action) => action.startsWith('fapiao.'));
};

const redAlerts = () =>
  database.db.selectFrom('alerts').select('dedup_key').where('kind', '=', 'fapiao_red_due').orderBy('id').execute();
/** Looks that many days on, at that hour in Asia/Shanghai. */
const lookAt = (days: number, hour: number) => {
  const day = new Date(shop.clock.now().getTime() + 8 * 3_600_000 + days * DAY_MS).toISOString().slice(0, 10);
  const clock = { now: () => new Date(`${day}T${String(hour).padStart(2, '0')}:00:00+08:00`) };
  return watchRedDue({ db: database.db, clock });
};
const reminders = async () => (await redAlerts()).filter(({ dedup_key: key }) => key.includes(':reminder:')).length;
const toldOf = async (id: string) => (await redAlerts()).filter(({ dedup_key: key }) => key.includes(id)).length;

it('is asked for once by however many at once, for what was paid', async () => {
  const order = await bought();
  const asked = await Promise.all([1, 2, 3, 4].map(() => request(order)));
  expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
  expect(asked[0]).toMatchObject({ amountFen: 9_900, status: 'requested', title: { taxNo: '9144030071526726XG' } });
  const { id: other } = await fapiao.addTitle(order.userId, { kind: 'personal', name: '张三' });
  expect(await request({ ...order, titleId: other }).catch(codeOf)).toBe('STATE_CONFLICT fapiao_exists');
  const stranger = await bought();
  expect(await request({ ...stranger, orderId: order.orderId }).catch(codeOf)).toBe('ORDER_NOT_FOUND');
  expect(await request({ ...stranger, titleId: order.titleId }).catch(codeOf)).toBe('FAPIAO_TITLE_NOT_FOUND');
});

it('is issued by one of finance, with a number that is used once and a file that is there', async () => {
  const order = await bought();
  const { id } = await request(order);
  const paper = document(id);
  expect(await fapiao.issue(finance, paper).catch(codeOf)).toBe('STATE_CONFLICT fapiao_requested');
  const begun = await Promise.all([1, 2, 3].map(() => fapiao.begin(finance, id).catch(codeOf)));
  expect(begun.filter((one) => one === 'STATE_CONFLICT fapiao_issuing')).toHaveLength(2);
  expect(await fapiao.file(order.userId, { fapiaoId: id, which: 'blue' }).catch(codeOf)).toBe('FAPIAO_NOT_FOUND');
  expect(await fapiao.issue(finance, { ...paper, objectKey: 'fapiao/none.pdf' }).catch(codeOf)).toBe('INPUT_INVALID');
  expect(await fapiao.issue(finance, { ...paper, issuedOn: '2999-01-01' }).catch(codeOf)).toBe('INPUT_INVALID');
  const { number, issuedOn } = paper;
  expect(await fapiao.issue(finance, paper)).toMatchObject({ status: 'issued', number, issuedOn });
  expect((await fapiao.file(order.userId, { fapiaoId: id, which: 'blue' })).url).toContain(FILE);
  const { id: second } = await request(await bought());
  await fapiao.begin(finance, second);
  expect(await fapiao.issue(finance, { ...paper, fapiaoId: second }).catch(codeOf)).toBe('STATE_CONFLICT number_taken');
  const reason = '开错';
  expect(await fapiao.reject(finance, { fapiaoId: id, reason }).catch(codeOf)).toBe('STATE_CONFLICT fapiao_issued');
  expect(await actionsOf(order.orderId)).toEqual(['fapiao.requested', 'fapiao.issuing', 'fapiao.issued']);
});

it('is to be flushed red once money went back, and asked for again for the rest', async () => {
  const order = await bought();
  const { id, number } = await issued(order);
  await refund(order.orderId, 900);
  const due = await fapiao.search({ orderId: order.orderId, redDue: true, limit: 10 });
  expect(due.items).toMatchObject([{ id, status: 'issued', redDemandedAt: expect.any(String) }]);
  expect(await request(order).catch(codeOf)).toBe('STATE_CONFLICT fapiao_exists');
  const asItself = { ...document(id), number: number ?? '' };
  expect(await fapiao.redFlush(finance, asItself).catch(codeOf)).toBe('STATE_CONFLICT number_taken');
  await fapiao.redFlush(finance, document(id));
  expect(await request(order)).toMatchObject({ amountFen: 9_000, status: 'requested' });
  await refund(order.orderId, 9_000);
  const { items } = await fapiao.list(order.userId, { limit: 10 });
  expect(items.map(({ status }) => status)).toEqual(['rejected', 'red_flushed']);
  expect(await request(order).catch(codeOf)).toBe('STATE_CONFLICT nothing_paid');
  expect((await actionsOf(order.orderId)).slice(3)).toEqual([
    'fapiao.red_demanded',
    'fapiao.red_flushed',
    'fapiao.requested',
    'fapiao.rejected',
  ]);
});

it('is told of when it is to be flushed red, and each morning from the day after on until it is', async () => {
  const [one, other] = [await bought(), await bought()];
  const [first, second] = [await issued(one), await issued(other)];
  await refund(one.orderId, 100);
  await refund(one.orderId, 100);
  await refund(other.orderId, 100);
  expect([await toldOf(first.id), await toldOf(second.id)]).toEqual([1, 1]);
  expect([await lookAt(0, 23), await lookAt(1, 8)]).toEqual([false, false]);
  const both = await Promise.all([lookAt(1, 9), lookAt(1, 9)]);
  expect(both.filter(Boolean)).toHaveLength(1);
  await fapiao.redFlush(finance, document(first.id));
  expect([await lookAt(1, 20), await lookAt(2, 9)]).toEqual([false, true]);
  await fapiao.redFlush(finance, document(second.id));
  expect(await lookAt(3, 9)).toBe(false);
  expect(await reminders()).toBe(2);
});

it('is neither asked for nor begun while money of the order is on its way back', async () => {
  const order = await bought();
  const { id } = await request(order);
  const ask = { orderId: order.orderId, amountFen: 100, reason: '退款', idempotencyKey: newId() };
  const { refund: open } = await shop.refunds.request(finance, ask);
  expect(await fapiao.begin(finance, id).catch(codeOf)).toBe('STATE_CONFLICT order_changed');
  await fapiao.reject(finance, { fapiaoId: id, reason: '正在退款' });
  expect(await request(order).catch(codeOf)).toBe('STATE_CONFLICT order_refunding');
  await finish(order.orderId, open?.id);
});

it('has a title with a true code, of the member alone', async () => {
  const userId = await makeMember(database.db, shop.clock.now());
  const wrong = { kind: 'company', name: '腾讯科技', taxNo: '9144030071526726XH' } as const;
  expect(await fapiao.addTitle(userId, wrong).catch(codeOf)).toBe('INPUT_INVALID');
  const { id } = await fapiao.addTitle(userId, { kind: 'personal', name: '张三' });
  expect(await fapiao.removeTitle(finance.id ?? '', id).catch(codeOf)).toBe('FAPIAO_TITLE_NOT_FOUND');
  await fapiao.removeTitle(userId, id);
  expect(await fapiao.listTitles(userId)).toEqual([]);
});
