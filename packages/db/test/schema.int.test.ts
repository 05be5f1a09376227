import { readFile } from 'node:fs/promises';
import { testDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { isCheckViolation, isDuplicate, migrate, newId, pendingMigrations, seed, toJson } from '../src/index.ts';
import { generateSchema } from '../src/schema-types.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const now = new Date('2026-03-01T00:00:00.000Z');

beforeAll(async () => {
  database = await testDatabase();
});

async function user(quota = 0): Promise<string> {
  const id = newId();
  await database.db
    .insertInto('users')
    .values({
      id,
      account_id: id.slice(-12),
      phone_enc: Buffer.from('x'),
      phone_key_version: 1,
      phone_index: Buffer.from(id.padEnd(32).slice(0, 32)),
      quota_remaining: quota,
      created_at: now,
      updated_at: now,
    })
    .execute();
  return id;
}

test('the Kysely types are those of the migrated database', async () => {
  const committed = await readFile(new URL('../src/schema.gen.ts', import.meta.url), 'utf8');
  expect(await generateSchema(database.databaseUrl)).toBe(committed);
});

test('migrating again applies nothing, also from several processes at once', async () => {
  expect(await Promise.all([1, 2, 3].map(() => migrate(database.databaseUrl)))).toEqual([[], [], []]);
  expect(await pendingMigrations(database.databaseUrl)).toEqual([]);
});

test('seeding again changes nothing', async () => {
  const before = await database.db.selectFrom('feature_definitions').selectAll().orderBy('feature_id').execute();
  await seed(database.databaseUrl);
  expect(await database.db.selectFrom('feature_definitions').selectAll().orderBy('feature_id').execute()).toEqual(
    before,
  );
  const plans = await database.db
    .selectFrom('plans')
    .select(['plan_id', 'price_fen', 'quota', 'period_days'])
    .orderBy('level')
    .execute();
  expect(plans).toEqual([
    { plan_id: 'BASIC', price_fen: 9900, quota: 100, period_days: 30 },
    { plan_id: 'PRO', price_fen: 19900, quota: 200, period_days: 30 },
    { plan_id: 'PREMIUM', price_fen: 39900, quota: 500, period_days: 30 },
  ]);
});

test('the database itself refuses a negative balance', async () => {
  const id = await user(3);
  const spend = database.db
    .updateTable('users')
    .set({ quota_remaining: sql`quota_remaining - 4` })
    .where('id', '=', id)
    .execute();
  await expect(spend).rejects.toSatisfy((error) => isCheckViolation(error, 'ck_users_quota_not_negative'));
});

test.each(['quota_logs', 'audit_logs'] as const)(
  '%s can be added to but neither changed nor emptied',
  async (table) => {
    const userId = await user();
    if (table === 'audit_logs')
      await database.db
        .insertInto('audit_logs')
        .values({
          actor_role: 'system',
          action: 'a',
          subject_type: 's',
          subject_id: 'i',
          details: toJson({}),
          request_id: 'r',
          created_at: now,
        })
        .execute();
    else {
      const grant = newId();
      await database.db
        .insertInto('quota_grants')
        .values({
          id: grant,
          user_id: userId,
          source: 'signup',
          amount: 1,
          remaining: 1,
          expires_at: now,
          effect_key: `signup:${userId}`,
          created_at: now,
        })
        .execute();
      await database.db
        .insertInto('quota_logs')
        .values({
          user_id: userId,
          seq: 1,
          kind: 'grant',
          amount: 1,
          balance_before: 0,
          balance_after: 1,
          cause: 'test',
          effect_key: `grant:${grant}`,
          grant_id: grant,
          created_at: now,
        })
        .execute();
    }
    await expect(sql`UPDATE ${sql.table(table)} SET created_at = created_at`.execute(database.db)).rejects.toThrow(
      'append-only',
    );
    await expect(database.db.deleteFrom(table).execute()).rejects.toThrow('append-only');
  },
);

test('the ledger refuses a row whose sum is wrong, a second effect and a second place', async () => {
  const userId = await user();
  const grant = newId();
  await database.db
    .insertInto('quota_grants')
    .values({
      id: grant,
      user_id: userId,
      source: 'signup',
      amount: 5,
      remaining: 5,
      expires_at: now,
      effect_key: `signup:${userId}`,
      created_at: now,
    })
    .execute();
  const row = {
    user_id: userId,
    seq: 1,
    kind: 'grant',
    amount: 5,
    balance_before: 0,
    balance_after: 5,
    cause: 'test',
    effect_key: `grant:${grant}`,
    grant_id: grant,
    created_at: now,
  } as const;
  type Change = { seq?: number; amount?: number; balance_before?: number; balance_after?: number; effect_key?: string };
  const insert = (change: Change): Promise<unknown> =>
    database.db
      .insertInto('quota_logs')
      .values({ ...row, ...change })
      .execute();
  await expect(insert({ balance_after: 6 })).rejects.toSatisfy((error) =>
    isCheckViolation(error, 'ck_quota_logs_chain'),
  );
  await expect(insert({ amount: -5, balance_before: 5, balance_after: 0 })).rejects.toSatisfy((error) =>
    isCheckViolation(error, 'ck_quota_logs_sign'),
  );
  await insert({});
  await expect(insert({ seq: 2 })).rejects.toSatisfy((error) => isDuplicate(error, 'uq_quota_logs_effect'));
  await expect(insert({ effect_key: 'other' })).rejects.toSatisfy((error) => isDuplicate(error, 'uq_quota_logs_seq'));
});
