import { createDatabase, type OwnDatabase } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failedIn, whyNoTrigger } from '../src/migration-error.ts';
import { migrate, pendingMigrations } from '../src/index.ts';

let database: TestDatabase;
let empty: OwnDatabase;

beforeAll(async () => {
  database = await testDatabase();
  empty = await createDatabase(database, `${new URL(database.databaseUrl).pathname.slice(1)}_empty`);
});
afterAll(async () => {
  await empty.drop();
  await database.close();
});

const run = (text: string) => sql.raw<Record<string, string>>(text).execute(database.db);

test('an account that may not make triggers is told so before anything is changed', async () => {
  const [name, account] = [new URL(empty.databaseUrl).pathname.slice(1), `migrating_${process.pid}`];
  const url = new URL(empty.databaseUrl);
  [url.username, url.password] = [account, 'a secret'];
  await run(`CREATE USER ${account} IDENTIFIED BY 'a secret'`);
  try {
    await run(`GRANT ALL PRIVILEGES ON ${name}.* TO ${account}`);
    await run(`REVOKE TRIGGER ON ${name}.* FROM ${account}`);
    await expect(migrate(url.href)).rejects.toThrow(
      /未做任何改动：请授予该账户 TRIGGER 权限.*nothing was changed: GRANT TRIGGER/s,
    );
    expect((await run(`SHOW TABLES FROM ${name}`)).rows).toEqual([]);
    await run(`GRANT TRIGGER ON ${name}.* TO ${account}`);
    expect(await migrate(url.href)).toEqual(await allMigrations());
    expect(await pendingMigrations(url.href)).toEqual([]);
  } finally {
    await run(`DROP USER ${account}`);
  }
});

async function allMigrations(): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(database.db);
  return rows.map(({ name }) => name);
}

test('a server with a binary log that trusts nobody is named, and what to set there', () => {
  const refused = Object.assign(new Error('You do not have the SUPER privilege'), { errno: 1419 });
  expect(whyNoTrigger(refused)).toMatch(/SET GLOBAL log_bin_trust_function_creators = 1.*You do not have the SUPER/s);
});

test('a migration that fails is named, with what the server said', () => {
  const { message } = failedIn('0003_orders', new Error('Table orders already exists'));
  expect(message).toMatch(/^迁移 0003_orders 失败.*Migration 0003_orders failed.*Table orders already exists$/s);
});
