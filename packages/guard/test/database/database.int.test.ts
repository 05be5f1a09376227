import { readFileSync } from 'node:fs';
import { connect, migrate, toJson, type Database } from '@yunshang/db';
import { createDatabase } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedSchema } from '../../src/database/manifest.ts';
import { printManifest } from '../../src/database/print-manifest.ts';
import { reviewDatabase } from '../../src/database/review-database.ts';
import { type } from '../cli/typing.ts';

let database: TestDatabase;
const now = new Date();
const page = readFileSync(new URL('../../../../docs/operations/billing-guard.md', import.meta.url), 'utf8');

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const run = (on: Pick<Database, 'db'>, text: string) => sql.raw(text).execute(on.db);
const ofRule = (report: Awaited<ReturnType<typeof reviewDatabase>>, ...ids: string[]) =>
  report.findings.filter(({ ruleId }) => ids.includes(ruleId));

test('the manifest is what the migrations make; pnpm generate makes it anew', async () => {
  const kept = readFileSync(new URL('../../src/database/manifest.gen.ts', import.meta.url), 'utf8');
  expect(await printManifest(database.db)).toBe(kept);
});

/** The name of another database on the same server, which goes with it. */
const beside = (suffix: string): string => `${new URL(database.databaseUrl).pathname.slice(1)}_${suffix}`;

test('an account that only reads sees all that is missing, and a broken row; the page says how it is made', async () => {
  const name = beside('guard');
  const own = await createDatabase(database, name);
  await migrate(own.databaseUrl);
  const [owner, account] = [connect(own.databaseUrl, { connectionLimit: 1 }), `guard_${name.slice(-20)}`];
  const reader = new URL(own.databaseUrl);
  [reader.username, reader.password] = [account, 'a secret'];
  try {
    const recipe = /^```sql\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
    const statements = recipe.replaceAll('yunshang.', `${name}.`).replaceAll('guard@', `${account}@`);
    // The test's server is reached by its socket.
    for (const one of statements.replaceAll("'%'", 'localhost').split(';\n').filter(Boolean)) await run(owner, one);
    const reading = connect(reader.href, { connectionLimit: 1 });
    const review = () => reviewDatabase(reading.db, { now });
    try {
      // The test's server does not write each commit to the disk, and says so.
      expect((await review()).findings.map(({ ruleId }) => ruleId)).toEqual(['BG311']);
      expect(ofRule(await reviewDatabase(owner.db, { now }), 'BG330')).toHaveLength(1);
      await breakRow(owner);
      expect(ofRule(await review(), 'BG359', 'BG360')).not.toEqual([]);
      const dropped = await dropEverything(owner);
      const missed = new Set(ofRule(await review(), 'BG302', 'BG303', 'BG304', 'BG305').map(nameOf));
      expect(dropped.filter((each) => !missed.has(each))).toEqual([]);
      await run(owner, 'DROP PROCEDURE guard_triggers');
      const blind = await review();
      expect(blind.unjudged).toMatchObject([{ where: { path: 'database.triggers' } }]);
    } finally {
      await reading.close();
      await run(owner, `DROP USER ${account}@localhost`);
    }
  } finally {
    await owner.close();
    await own.drop();
  }
});

const nameOf = ({ where }: { where: object }): string =>
  `${Reflect.get(where, 'table')}.${Reflect.get(where, 'object')}`;

async function breakRow(owner: Database): Promise<void> {
  const payload = toJson({ taskId: '01GH0ST0000000000000000000' });
  const job = { job: 'task.run', payload, dedup_key: 'task:ghost', due_at: now, created_at: now };
  await owner.db.insertInto('outbox').values(job).execute();
}

/** Every trigger, foreign key, check and unique key there is; their names. */
async function dropEverything(owner: Database): Promise<string[]> {
  const { tables, triggers = new Map() } = expectedSchema();
  const dropped = [...triggers.values()].map(({ table, name }) => `${table}.${name}`);
  for (const name of triggers.keys()) await run(owner, `DROP TRIGGER ${name}`);
  await run(owner, 'SET foreign_key_checks = 0');
  const alter = async (table: string, names: readonly string[], what: string): Promise<void> => {
    dropped.push(...names.map((name) => `${table}.${name}`));
    const drops = names.map((name) => `DROP ${what} \`${name}\``);
    if (drops.length > 0) await run(owner, `ALTER TABLE \`${table}\` ${drops.join(', ')}`);
  };
  for (const { name, foreignKeys } of tables.values()) await alter(name, [...foreignKeys.keys()], 'FOREIGN KEY');
  for (const { name, checks, keys } of tables.values()) {
    await alter(name, [...checks.keys()], 'CONSTRAINT');
    const unique = [...keys].filter(([key, { isUnique }]) => isUnique && key !== 'PRIMARY');
    await alter(
      name,
      unique.map(([key]) => key),
      'KEY',
    );
  }
  return dropped;
}

test('the command judges a database of somebody else by what all of them need, and never passes what it can not see', async () => {
  const other = await createDatabase(database, beside('else'));
  const url = other.databaseUrl;
  const theirs = connect(url, { connectionLimit: 1 });
  try {
    expect((await type('/', 'database', '--url', url)).code).toBe(2);
    expect(await reviewDatabase(theirs.db, { now })).toMatchObject({ unjudged: [{ reason: { en: /no tables/ } }] });
    await run(theirs, 'CREATE TABLE users (id INT PRIMARY KEY, credits INT NOT NULL, spent_amount FLOAT)');
    await run(theirs, 'CREATE TABLE credit_logs (id INT PRIMARY KEY, amount INT) ENGINE=MyISAM');
    const { code, out } = await type('/', 'database', '--url', url, '--app-account', 'nobody@%', '--format', 'json');
    const report = JSON.parse(out);
    expect(code).toBe(2);
    expect(report.findings.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual([
      'BG306',
      'BG311',
      'BG320',
      'BG321',
      'BG322',
      'BG322',
    ]);
    expect(report.unjudged).toMatchObject([{ where: { path: 'server.accounts.nobody@%' } }]);
  } finally {
    await theirs.close();
    await other.drop();
  }
});

test('the command says what it needs, and that a database can not be reached', async () => {
  expect(await type('/', 'database')).toMatchObject({ code: 3, err: expect.stringContaining('name a database') });
  const nowhere = await type('/', 'database', '--url', 'mysql://guard@127.0.0.1:1/none');
  expect(nowhere).toMatchObject({ code: 3, err: expect.stringContaining('ECONNREFUSED') });
});
