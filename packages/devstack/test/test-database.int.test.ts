import { expect, test } from 'vitest';
import { testDatabase, testRedisUrl } from '@yunshang/devstack/testing';

test('a worker gets a migrated and seeded database, and reset brings that state back', async () => {
  const database = await testDatabase();
  const plans = () => database.db.selectFrom('plans').select('plan_id').orderBy('level').execute();
  expect(await plans()).toEqual([{ plan_id: 'BASIC' }, { plan_id: 'PRO' }, { plan_id: 'PREMIUM' }]);

  await database.db.deleteFrom('provider_health').execute();
  await database.reset();

  expect(await database.db.selectFrom('provider_health').selectAll().execute()).not.toEqual([]);
  await database.close();
});

test('two databases asked for one after the other are the same, empty again', async () => {
  const first = await testDatabase();
  await first.db.deleteFrom('provider_health').execute();
  const second = await testDatabase();

  expect(second.databaseUrl).toBe(first.databaseUrl);
  expect(await first.db.selectFrom('provider_health').selectAll().execute()).not.toEqual([]);
  await Promise.all([first.close(), second.close()]);
});

test("a worker's Redis is its own logical database", async () => {
  expect(new URL(await testRedisUrl()).pathname).toMatch(/^\/[1-9]\d*$/);
});
