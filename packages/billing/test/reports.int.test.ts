import { execFile } from 'node:child_process';
import { inTransaction } from '@yunshang/db';
import { fakeClock } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReports, refundCharge, settleCharge, watchReports } from '../src/index.ts';
import { canonicalJson, sha256Of } from '../src/reports/canonical.ts';
import { verifyReports } from '../src/reports/verify-reports.ts';
import { bookCost, bookPayment, bookRefund } from './books.ts';
import { giveQuota, holdCharge, makeMember } from './members.ts';

let database: TestDatabase;
const clock = fakeClock();
const actor = { id: null, role: 'system', requestId: 'test' } as const;
const reason = 'month end';
/** A time of Shanghai. */
const at = (text: string): Date => new Date(`${text}+08:00`);

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const reports = () => createReports({ db: database.db, clock });
const day = async (period: string) => (await reports().get({ kind: 'day', period })).report;
const month = async (period: string) => (await reports().get({ kind: 'month', period })).report;

async function close(upTo: string) {
  clock.set(at('2026-06-01T12:00:00'));
  return reports().close(actor, { day: upTo, reason });
}

/** `pnpm report …` */
async function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const main = new URL('../src/reports/main.ts', import.meta.url).pathname;
  const env = { ...process.env, DATABASE_URL: database.databaseUrl };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=yunshang-src', main, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** A day with something of everything. */
async function busyDay(): Promise<void> {
  const { db } = database;
  const now = at('2026-03-02T10:00:00');
  const [one, other] = [await makeMember(db, now), await makeMember(db, now)];
  const first = await bookPayment(db, { userId: one, plan: 'BASIC', at: now });
  await bookPayment(db, { userId: other, plan: 'PREMIUM', at: now });
  await bookPayment(db, { userId: other, plan: 'PRO', at: now, outcome: 'paid_after_close' });
  await bookRefund(db, first, { amountFen: 4_900, at: at('2026-03-02T23:59:59.999') });
  await giveQuota(db, one, { amount: 100, days: 30, now });
  const [kept, back] = [await holdCharge(db, one, { amount: 7, now }), await holdCharge(db, one, { amount: 3, now })];
  await inTransaction(db, (tx) => settleCharge(tx, { ...kept, now }));
  await inTransaction(db, (tx) => refundCharge(tx, { ...back, cause: 'task_failed', now }));
  await bookCost(db, { item: 'provider:runninghub', microYuan: 123_456, at: now, featureId: 'basic_clean' });
  await bookCost(db, { item: 'provider:runninghub', microYuan: 1_544, at: now, featureId: 'basic_clean' });
  await bookCost(db, { item: 'wechat_pay:fee', microYuan: 594_000, at: now });
}

describe('a day', () => {
  beforeAll(() => database.reset());

  test('has every figure of its ledgers, to the fen and to the unit', async () => {
    await busyDay();
    clock.set(at('2026-03-02T12:00:00'));
    expect(await day('2026-03-02')).toMatchObject({
      from: '2026-03-01T16:00:00.000Z',
      to: '2026-03-02T16:00:00.000Z',
      ledgers: { quotaLogs: { rows: 4 }, moneyEntries: { rows: 4 }, costEntries: { rows: 3 } },
      revenue: {
        paidFen: 9_900 + 39_900 + 19_900,
        payments: 3,
        ordersPaid: 2,
        unwantedFen: 19_900,
        unwantedPayments: 1,
        refundedFen: 4_900,
        refunds: 1,
        netFen: 64_800,
      },
      plans: [
        { planId: 'BASIC', paidFen: 9_900, refundedFen: 4_900, netFen: 5_000 },
        { planId: 'PREMIUM', netFen: 39_900 },
        { planId: 'PRO', netFen: 19_900 },
      ],
      costs: { microYuan: 719_000, fen: 72, vendorFeesMicroYuan: 594_000, entries: 3 },
      costItems: [
        { item: 'provider:runninghub', entries: 2, microYuan: 125_000, fen: 13 },
        { item: 'wechat_pay:fee', entries: 1, microYuan: 594_000, fen: 59 },
      ],
      grossProfitFen: 64_728,
      quota: { opening: 0, granted: { promotion: 100 }, spent: 10, refunded: 3, closing: 93 },
      members: { opening: 0, joined: 2, closing: 2, served: 2 },
      arpuFen: 32_400,
      features: [{ featureId: 'basic_clean', charges: 2, spentQuota: 10, refundedQuota: 3, costMicroYuan: 125_000 }],
      corrections: [],
    });
  });

  test('begins and ends at midnight of Shanghai', async () => {
    const { db } = database;
    const userId = await makeMember(db, at('2026-03-05T00:00:00'));
    await bookPayment(db, { userId, plan: 'BASIC', at: at('2026-03-05T23:59:59.999') });
    await bookPayment(db, { userId, plan: 'PRO', at: at('2026-03-06T00:00:00.000') });
    clock.set(at('2026-03-06T12:00:00'));
    expect((await day('2026-03-05')).revenue.netFen).toBe(9_900);
    expect((await day('2026-03-06')).revenue.netFen).toBe(19_900);
  });

  test('of the calendar is asked for, and one that has begun', async () => {
    clock.set(at('2026-03-02T12:00:00'));
    expect((await day('2020-01-01')).revenue.netFen).toBe(0);
    for (const period of ['2026-02-30', '2026-3-1', '2026-03', '2026-03-03'])
      await expect(day(period)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

// One set of books for all: what is closed stays closed, so each goes on where the one before ended.
describe('closing', () => {
  beforeAll(async () => {
    await database.reset();
    await busyDay();
  });

  test('waits until nothing of the day can be under way', async () => {
    clock.set(at('2026-03-03T00:29:59.999'));
    const early = reports().close(actor, { day: '2026-03-02', reason });
    await expect(early).rejects.toMatchObject({ code: 'STATE_CONFLICT', details: { reason: 'day_not_over' } });
    clock.set(at('2026-03-03T00:30:00'));
    const open = await reports().get({ kind: 'day', period: '2026-03-02' });
    expect(open.closedAt).toBeNull();
    expect((await reports().close(actor, { day: '2026-03-02', reason })).map(({ period }) => period)).toEqual([
      '2026-03-02',
    ]);
    const closed = await reports().get({ kind: 'day', period: '2026-03-02' });
    expect(closed).toEqual({ ...open, closedAt: '2026-03-02T16:30:00.000Z' });
    expect(closed.sha256).toBe(sha256Of(canonicalJson(closed.report)));
  });

  test('happens once, however many close at once', async () => {
    clock.set(at('2026-03-05T12:00:00'));
    const all = await Promise.all(
      Array.from({ length: 4 }, () => reports().close(actor, { day: '2026-03-04', reason })),
    );
    expect(
      all
        .flat()
        .map(({ period }) => period)
        .toSorted(),
    ).toEqual(['2026-03-03', '2026-03-04']);
  });

  test('takes what comes after its day was closed into the next, once, and marks it', async () => {
    const { db } = database;
    const userId = await makeMember(db, at('2026-03-02T10:00:00'));
    await bookPayment(db, { userId, plan: 'PRO', at: at('2026-03-02T23:59:59') });
    await bookCost(db, { item: 'sms:segment', microYuan: 50_000, at: at('2026-03-03T01:00:00') });
    await giveQuota(db, userId, { amount: 5, days: 30, now: at('2026-03-02T23:00:00') });
    await close('2026-03-06');
    expect((await day('2026-03-02')).revenue.netFen).toBe(64_800);
    const next = await day('2026-03-05');
    expect(next.corrections).toEqual([
      { of: '2026-03-02', ledger: 'money', kind: 'payment', late: true, rows: 1, amount: 19_900 },
      { of: '2026-03-02', ledger: 'quota', kind: 'grant', late: true, rows: 1, amount: 5 },
      { of: '2026-03-03', ledger: 'costs', kind: 'estimate', late: true, rows: 1, amount: 50_000 },
    ]);
    expect(next).toMatchObject({ revenue: { netFen: 19_900 }, members: { joined: 1, closing: 3 } });
    expect((await day('2026-03-06')).corrections).toEqual([]);
  });

  test('makes days that add up to the month, and months that add up to the year', async () => {
    const closed = await close('2026-03-31');
    expect(closed.slice(-2).map(({ kind, period }) => [kind, period])).toEqual([
      ['day', '2026-03-31'],
      ['month', '2026-03'],
    ]);
    await close('2026-04-30');
    const days = await Promise.all(
      Array.from({ length: 30 }, (_, index) => day(`2026-03-${String(index + 2).padStart(2, '0')}`)),
    );
    const sum = (of: (report: Awaited<ReturnType<typeof day>>) => number): number =>
      days.reduce((total, report) => total + of(report), 0);
    const march = await month('2026-03');
    expect(march.revenue.netFen).toBe(sum(({ revenue }) => revenue.netFen));
    expect(march.costs.microYuan).toBe(sum(({ costs }) => costs.microYuan));
    expect(march.quota.spent).toBe(sum(({ quota }) => quota.spent));
    expect(march.series.map(({ netFen }) => netFen)).toEqual(days.map(({ revenue }) => revenue.netFen));
    // Within the month it is no correction: nothing of March had been closed as March.
    expect(march.corrections).toEqual([]);
    const year = (await reports().get({ kind: 'year', period: '2026' })).report;
    expect(year.revenue).toEqual(march.revenue);
    expect(year.series.map(({ period, netFen }) => [period, netFen])).toContainEqual(['2026-03', 84_700]);
    expect(year.quota).toMatchObject({ opening: 0, granted: { promotion: 105 }, expired: 0, closing: 98 });
    const { items, nextCursor } = await reports().list({ kind: 'month', limit: 1 });
    expect([items[0]?.period, nextCursor]).toEqual(['2026-04', '2026-04']);
  });

  test('tells what was posted in time about a time before from what came late', async () => {
    const { db } = database;
    const [before, now] = [at('2026-04-30T23:59:58'), at('2026-05-01T00:00:03')];
    const userId = await makeMember(db, before);
    await bookPayment(db, { userId, plan: 'BASIC', at: now, occurredAt: before });
    await bookCost(db, { item: 'sms:segment', microYuan: 50_000, at: now, occurredAt: before });
    clock.set(at('2026-05-02T12:00:00'));
    const lines = [
      { ledger: 'costs', kind: 'estimate', late: false, rows: 1, amount: 50_000 },
      { ledger: 'money', kind: 'payment', late: false, rows: 1, amount: 9_900 },
    ];
    expect((await day('2026-05-01')).corrections).toEqual(lines.map((line) => ({ of: '2026-04-30', ...line })));
    expect((await month('2026-05')).corrections).toEqual(lines.map((line) => ({ of: '2026-04', ...line })));
  });

  test('is for good: the database refuses to change or to remove it, and the ledgers make the same bytes again', async () => {
    const { db } = database;
    await expect(db.updateTable('report_periods').set({ sha256: 'x' }).execute()).rejects.toThrow(/never changes/);
    await expect(db.deleteFrom('report_periods').execute()).rejects.toThrow(/never changes/);
    expect(await verifyReports(db)).toEqual({ periods: 62, differences: [] });
  });

  // Three processes begin: on a busy machine that alone takes a while.
  test('is read, and proven, by command', { timeout: 90_000 }, async () => {
    const [csv, proof, closed] = await Promise.all([
      command('month', '2026-03', '--format', 'csv'),
      command('verify'),
      command('close', '2026-04-30', '--reason', 'month end'),
    ]);
    expect(csv).toMatchObject({ code: 0, stdout: expect.stringContaining('净收入（元）,847.00\r\n') });
    expect(csv.stderr).toMatch(/^2026-03 closed at .*, sha256 [0-9a-f]{64}/);
    expect(proof).toMatchObject({ code: 0, stdout: expect.stringMatching(/^62 closed periods, 0 /) });
    expect(closed).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('shows which period somebody has altered who holds the keys of the database', async () => {
    const { db } = database;
    await sql.raw('DROP TRIGGER quota_logs_no_delete').execute(db);
    await sql.raw("DELETE FROM quota_logs WHERE kind = 'refund'").execute(db);
    await sql
      .raw(
        "CREATE TRIGGER quota_logs_no_delete BEFORE DELETE ON quota_logs FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'quota_logs is append-only'",
      )
      .execute(db);
    const { differences } = await verifyReports(db);
    expect(differences[0]).toEqual({ period: '2026-03-02', why: 'differs' });
    expect(differences).toContainEqual({ period: '2026-03', why: 'differs' });
  });

  test('that differs calls a person on call, once a day, after five in the morning', async () => {
    const { db } = database;
    const watch = async (text: string) => {
      clock.set(at(text));
      return watchReports({ db, clock });
    };
    expect(await watch('2026-06-02T04:59:59')).toBe(0);
    const told = await watch('2026-06-02T05:00:00');
    expect(told).toBeGreaterThan(1);
    expect([await watch('2026-06-02T23:00:00'), await watch('2026-06-03T05:00:00')]).toEqual([0, told]);
    const alerts = await db.selectFrom('alerts').select(['dedup_key', 'details']).orderBy('dedup_key').execute();
    expect(alerts.map((alert) => alert.dedup_key)).toEqual([
      'report_differs:reports:2026-06-02',
      'report_differs:reports:2026-06-03',
    ]);
    expect(alerts[0]?.details).toEqual({ period: '2026-03-02', why: 'differs', periods: told });
  });
});

describe('members', () => {
  beforeAll(() => database.reset());

  test('join, renew, upgrade, lapse, come back and are refunded: the day each happens', async () => {
    const { db } = database;
    const [loyal, fickle, unhappy] = await Promise.all(
      Array.from({ length: 3 }, () => makeMember(db, at('2026-01-01T00:00:00'))),
    );
    const buy = (userId: string | undefined, plan: 'BASIC' | 'PRO', text: string) =>
      bookPayment(db, { userId: userId ?? '', plan, at: at(text) });
    await buy(loyal, 'BASIC', '2026-01-05T10:00:00');
    await buy(fickle, 'BASIC', '2026-01-05T10:00:00');
    const regretted = await buy(unhappy, 'PRO', '2026-01-06T10:00:00');
    await buy(loyal, 'BASIC', '2026-01-20T10:00:00');
    await buy(loyal, 'PRO', '2026-01-21T10:00:00');
    await bookRefund(db, regretted, { amountFen: 1_000, at: at('2026-01-22T10:00:00') });
    await bookRefund(db, regretted, {
      amountFen: 18_900,
      at: at('2026-01-25T10:00:00'),
      since: at('2026-01-24T10:00:00'),
    });
    await close('2026-01-31');
    expect((await month('2026-01')).members).toEqual({
      opening: 0,
      joined: 3,
      returned: 0,
      renewed: 1,
      upgraded: 1,
      lapsed: 0,
      endedByRefund: 1,
      closing: 2,
      served: 3,
    });
    expect((await day('2026-01-25')).members.endedByRefund).toBe(1);
    await buy(fickle, 'BASIC', '2026-02-10T10:00:00');
    await close('2026-02-28');
    expect((await day('2026-02-04')).members).toMatchObject({ opening: 2, lapsed: 1, closing: 1 });
    expect((await day('2026-02-10')).members).toMatchObject({ returned: 1, closing: 2 });
    expect((await month('2026-02')).members).toMatchObject({
      opening: 2,
      lapsed: 1,
      returned: 1,
      closing: 2,
      served: 3,
    });
    expect((await verifyReports(db)).differences).toEqual([]);
    // 3 periods of 30 days from 5 January end on 5 April.
    await close('2026-03-31');
    await close('2026-04-30');
    expect((await day('2026-04-05')).members).toMatchObject({ opening: 1, lapsed: 1, closing: 0 });
  });
});
