import { fromJson } from '@yunshang/db';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGuard } from '../src/reviews/guard.ts';
import { createNightlyReview } from '../src/reviews/nightly-review.ts';

let database: TestDatabase;
let now = new Date('2026-03-01T18:59:00.000Z');
const clock = { now: () => now };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

async function told(): Promise<{ key: string; details: unknown }[]> {
  const alerts = database.db.selectFrom('alerts').select(['dedup_key', 'details']).where('kind', '=', 'guard_failed');
  const rows = await alerts.orderBy('id').execute();
  return rows.map(({ dedup_key: key, details }) => ({ key, details: fromJson(details) }));
}

test('each night has one report, one that fails is told once, a missed night is made up for, and old reports go', async () => {
  const { db } = database;
  const [review, guard] = [createNightlyReview({ db, clock }), createGuard({ db, clock })];
  await expect(guard.lastReport()).rejects.toMatchObject({ code: 'GUARD_REPORT_NOT_FOUND' });
  expect(await review.run()).toBeUndefined();
  expect(await told()).toEqual([]);

  now = new Date('2026-03-01T19:00:01.000Z');
  const first = await review.run();
  // The test's server does not write each commit to the disk; the account may do everything.
  expect(first).toMatchObject({ version: 1, verdict: 'FAIL', unjudged: [] });
  const areas = first?.findings.map(({ ruleId, severity }) => `${severity} ${ruleId.slice(0, 3)}`);
  expect([...new Set(areas)].toSorted()).toEqual(['FAIL BG3', 'WARNING BG1', 'WARNING BG3']);
  expect(await review.run()).toBeUndefined();
  const { id: reportId, ...last } = await guard.lastReport();
  expect(last).toMatchObject({ report: first, createdAt: now.toISOString() });
  const rules = first?.findings.find(({ severity }) => severity === 'FAIL')?.ruleId;
  expect(await told()).toEqual([{ key: 'guard_failed:nightly:2026-03-01', details: { reportId, failures: 1, rules } }]);

  now = new Date('2026-03-04T02:00:00.000Z');
  expect(await createNightlyReview({ db, clock }).run()).toBeDefined();
  expect((await told()).map(({ key }) => key)).toEqual([
    'guard_failed:nightly:2026-03-01',
    'guard_failed:nightly:2026-03-03',
  ]);
  const { items, nextCursor } = await guard.listReports({ limit: 1 });
  expect(items).toMatchObject([{ verdict: 'FAIL', failures: 1, createdAt: now.toISOString() }]);
  const page = await guard.listReports({ limit: 1, cursor: nextCursor ?? '' });
  expect(page).toMatchObject({ items: [{ createdAt: '2026-03-01T19:00:01.000Z' }], nextCursor: null });
  expect((await guard.getReport(page.items[0]?.id ?? '')).report).toEqual(first);

  now = new Date('2028-04-01T00:00:00.000Z');
  await review.run();
  expect((await guard.listReports({ limit: 10 })).items).toHaveLength(1);
});
