import { fakeClock } from '@yunshang/devstack';
import { inTransaction, newId } from '@yunshang/db';
import { testDatabase } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bookEstimate,
  bookSms,
  bookStorageDay,
  createPriceBook,
  createPrices,
  settleCost,
  settleSms,
  type Prices,
} from '../src/index.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const clock = fakeClock(new Date('2026-06-01T00:00:00.000Z'));
let prices: Prices;
beforeAll(async () => {
  database = await testDatabase();
  prices = createPrices({ db: database.db, clock, isProvider: async (ref) => ref === 'tencent-ci' });
});
afterAll(() => database.close());

const finance = { id: null, role: 'system', requestId: 'test' } as const;
const at = (minutes: number): string => new Date(clock.now().getTime() + minutes * 60_000).toISOString();
const reason = 'new contract';
const listed = async (item: string) =>
  (await prices.list({ item, past: true, limit: 10 })).items.map(({ microYuan, validFrom, validTo }) => ({
    microYuan,
    validFrom,
    validTo,
  }));

test('a price ends where the next begins, and who wrote it and why is in the audit log', async () => {
  const item = 'sms:segment';
  const added = await prices.add(finance, { item, microYuan: 50_000, validFrom: at(60), reason });
  await prices.add(finance, { item, microYuan: 40_000, validFrom: at(120), reason });
  expect(added).toMatchObject({ item, unit: 'segment', microYuan: 50_000, validTo: null });
  expect(await listed(item)).toEqual([
    { microYuan: 40_000, validFrom: at(120), validTo: null },
    { microYuan: 50_000, validFrom: at(60), validTo: at(120) },
    { microYuan: 45_000, validFrom: '2020-01-01T00:00:00.000Z', validTo: at(60) },
  ]);
  const first = await prices.list({ item, past: true, limit: 2 });
  const rest = await prices.list({ item, past: true, limit: 2, cursor: first.nextCursor ?? '' });
  expect([first.items.length, rest.items.map(({ microYuan }) => microYuan), rest.nextCursor]).toEqual([
    2,
    [45_000],
    null,
  ]);
  const logs = await database.db.selectFrom('audit_logs').selectAll().where('subject_id', '=', added.id).execute();
  expect(logs).toMatchObject([{ action: 'price.added', details: { before: 45_000, microYuan: 50_000, reason } }]);
});

test.each([
  ['in the past', -1],
  ['now, when somebody may be paying the old one', 0],
  ['before the newest price of the item', 100],
])('a price that begins %s is refused', async (_sentence, minutes) => {
  const wish = { item: 'sms:segment', microYuan: 1, validFrom: at(minutes), reason };
  await expect(prices.add(finance, wish)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
    details: { issues: [{ field: 'validFrom', rule: 'forward' }] },
  });
});

test('a provider that nobody knows has no price', async () => {
  const wish = { item: 'provider:no-such', microYuan: 1, reason };
  await expect(prices.add(finance, wish)).rejects.toMatchObject({ details: { issues: [{ field: 'item' }] } });
});

test('of ten next prices at once each follows another, or is refused', async () => {
  const item = 'provider:tencent-ci:garment.cutout';
  const wishes = Array.from({ length: 10 }, (_, n) => ({ item, microYuan: n, validFrom: at(10 + n), reason }));
  const results = await Promise.allSettled(wishes.map((wish) => prices.add(finance, wish)));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(refused.filter((code) => code !== 'INPUT_INVALID' && code !== 'STATE_CONFLICT')).toEqual([]);
  expect(refused.length).toBeLessThan(10);
  const made = await listed(item);
  expect(made.length).toBe(10 - refused.length);
  for (const [index, newer] of made.entries())
    expect(made[index + 1]?.validTo ?? newer.validFrom).toBe(newer.validFrom);
});

test('the database lets nobody change or delete a price', async () => {
  const { db } = database;
  const update = db.updateTable('unit_prices').set({ micro_yuan: 1 }).where('item', '=', 'sms:segment').execute();
  await expect(update).rejects.toThrow('a unit price can only be ended');
  const again = db.updateTable('unit_prices').set({ valid_to: null }).where('valid_to', 'is not', null).execute();
  await expect(again).rejects.toThrow('a unit price can only be ended');
  await expect(db.deleteFrom('unit_prices').execute()).rejects.toThrow('append-only');
});

test('a price is in the book of every process before it holds', async () => {
  const book = createPriceBook(database.db, clock);
  const item = 'storage:gb_month';
  const cost = async (ms: number): Promise<number | undefined> => {
    clock.advance(ms);
    return (await book.at([item], clock.now()))?.microYuan;
  };
  expect(await cost(0)).toBe(118_000);
  await prices.add(finance, { item, microYuan: 99_000, reason });
  expect([await cost(1_000), await cost(58_999), await cost(1)]).toEqual([118_000, 118_000, 99_000]);
});

test('of two figures for one thing the first is booked, also when both come at once', async () => {
  const { db } = database;
  const subject = `wechat_fee:${newId()}`;
  const now = clock.now();
  const cost = { subject, item: 'wechat_pay:fee', vendor: 'wechat_pay', amountMicroYuan: 594_000, unitPriceId: null };
  await inTransaction(db, (tx) => bookEstimate(tx, { ...cost, occurredAt: now, now }));
  const settle = (microYuan: number) => inTransaction(db, (tx) => settleCost(tx, { subject, microYuan, now }));
  const settled = await Promise.all([settle(540_000), settle(540_000), settle(540_000)]);
  expect(settled.filter(Boolean)).toHaveLength(1);
  const rows = await db.selectFrom('cost_entries').selectAll().where('effect_key', 'like', `${subject}%`).execute();
  expect(rows.map((row) => [row.kind, row.amount_micro_yuan])).toEqual([
    ['estimate', 594_000],
    ['settlement', -54_000],
  ]);
  await expect(inTransaction(db, (tx) => bookEstimate(tx, { ...cost, occurredAt: now, now }))).rejects.toThrow(
    'uq_cost_entries_effect',
  );
  await expect(
    inTransaction(db, (tx) => settleCost(tx, { subject: 'wechat_fee:none', microYuan: 1, now })),
  ).rejects.toThrow('without its estimate');
});

const booked = (subject: string) =>
  database.db
    .selectFrom('cost_entries')
    .select(['effect_key', 'amount_micro_yuan as microYuan'])
    .where('effect_key', 'like', `${subject}%`)
    .orderBy('id')
    .execute();

test('a text message is settled once by what the vendor counted, at the price it was sent at; a refused one cost nothing', async () => {
  const { db } = database;
  const [long, refused] = [newId(), newId()];
  for (const id of [long, refused]) await inTransaction(db, (tx) => bookSms(tx, id, clock.now()));
  clock.advance(90 * 60_000); // another price holds by then
  const settle = (messageId: string, segments: number) => settleSms(db, { messageId, segments, now: clock.now() });
  const settled = await Promise.all([settle(long, 2), settle(long, 2), settle(long, 2)]);
  expect(settled.filter(Boolean)).toHaveLength(1);
  expect([await settle(refused, 0), await settle(newId(), 1)]).toEqual([true, false]);
  expect([await booked(`sms:${long}`), await booked(`sms:${refused}`)]).toMatchObject([
    [{ microYuan: 45_000 }, { microYuan: 45_000 }],
    [{ microYuan: 45_000 }, { microYuan: -45_000 }],
  ]);
});

test('storage is booked once a day in Shanghai, also when two workers look', async () => {
  const gigabytes = (count: number) => ({ db: database.db, clock, bytesKept: async () => count * 1_073_741_824 });
  const both = await Promise.all([bookStorageDay(gigabytes(5)), bookStorageDay(gigabytes(5))]);
  expect(both.filter(Boolean)).toHaveLength(1);
  expect(await bookStorageDay(gigabytes(6))).toBe(false);
  clock.advance(86_400_000);
  expect(await bookStorageDay(gigabytes(6))).toBe(true);
  // 99 000 a GB and month, a thirtieth of it a day.
  expect(await booked('storage:')).toEqual([
    { effect_key: 'storage:2026-06-01:estimate', microYuan: 16_500 },
    { effect_key: 'storage:2026-06-02:estimate', microYuan: 19_800 },
  ]);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(database.db, { now: clock.now() })).toEqual([]);
});
