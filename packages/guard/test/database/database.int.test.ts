import { readFileSync } from 'node:fs';
import { connect, toJson, type Database } from '@yunshang/db';
import { createDatabase } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDatabase } from '../../src/database/load-database.ts';
import { MANIFEST } from '../../src/database/manifest.gen.ts';
import { schemaOf } from '../../src/database/manifest.ts';
import { printManifest } from '../../src/database/print-manifest.ts';
import { judgeFacts, reviewDatabase } from '../../src/database/review-database.ts';
import { readTable } from '../../src/database/schema/read-table.ts';
import type { Schema } from '../../src/database/schema/schema.ts';
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
  const facts = await loadDatabase(database.db);
  // MariaDB's words are kept; what MySQL prints has to be read as the same.
  expect(facts.server === 'mysql' ? kept : await printManifest(database.db)).toBe(kept);
  const { findings, unjudged } = judgeFacts({ ...facts, account: { name: 'not looked at', grants: [] } });
  expect(findings.map(({ ruleId }) => ruleId)).toEqual(['BG311']);
  expect(unjudged).toEqual([]);
});

/** The name of another database on the same server, which goes with it. */
const beside = (suffix: string): string => `${new URL(database.databaseUrl).pathname.slice(1)}_${suffix}`;

test('an account that only reads judges everything; the page says how it is made', async () => {
  const [name, account] = [new URL(database.databaseUrl).pathname.slice(1), `guard_${process.pid}`];
  const reader = new URL(database.databaseUrl);
  [reader.username, reader.password] = [account, 'a secret'];
  const recipe = /^```sql\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
  const statements = recipe.replaceAll('yunshang.', `${name}.`).replaceAll('guard@', `${account}@`);
  for (const one of statements.split(';\n').filter(Boolean)) await run(database, one);
  const reading = connect(reader.href, { connectionLimit: 1 });
  const review = () => reviewDatabase(reading.db, { now });
  try {
    // The test's server does not write each commit to the disk, and says so.
    expect((await review()).findings.map(({ ruleId }) => ruleId)).toEqual(['BG311']);
    expect(ofRule(await reviewDatabase(database.db, { now }), 'BG330')).toHaveLength(1);
    await breakRow();
    expect(ofRule(await review(), 'BG360')).not.toEqual([]);
    await run(database, `REVOKE EXECUTE ON PROCEDURE ${name}.guard_triggers FROM ${account}`);
    expect((await review()).unjudged).toMatchObject([{ where: { path: 'database.triggers' } }]);
  } finally {
    await reading.close();
    await run(database, `DROP USER ${account}`);
  }
});

test('what an account may do by a role that it may take counts, also inside another role', async () => {
  const name = new URL(database.databaseUrl).pathname.slice(1);
  const [outer, inner, account] = ['outer', 'inner', 'app'].map((each) => `${each}_${process.pid}`);
  const judged = async () => {
    const { findings, unjudged } = await reviewDatabase(database.db, { now, account: `${account}@localhost` });
    expect(unjudged).toEqual([]);
    return findings.filter(({ ruleId }) => ruleId === 'BG330').map(({ message }) => message.en);
  };
  await run(database, `CREATE USER ${account}@localhost IDENTIFIED BY 'a secret'`);
  await run(database, `GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON ${name}.* TO ${account}@localhost`);
  for (const role of [outer, inner]) await run(database, `CREATE ROLE ${role}`);
  try {
    await run(database, `GRANT ${outer} TO ${account}@localhost`);
    expect(await judged()).toEqual([]);
    await run(database, `GRANT ALTER ON ${name}.* TO ${inner}`);
    await run(database, `GRANT ${inner} TO ${outer}`);
    expect(await judged()).toEqual(['the account has ALTER']);
  } finally {
    for (const role of [outer, inner]) await run(database, `DROP ROLE ${role}`);
    await run(database, `DROP USER ${account}@localhost`);
  }
});

async function breakRow(): Promise<void> {
  const payload = toJson({ taskId: '01GH0ST0000000000000000000' });
  const job = { job: 'task.run', payload, dedup_key: 'task:ghost', due_at: now, created_at: now };
  await database.db.insertInto('outbox').values(job).execute();
}

const LEDGER = ['quota_charges', 'quota_grants', 'quota_logs'];

test('each trigger, foreign key, check and unique key that is dropped from the ledger is missed', async () => {
  const printed = {
    tables: MANIFEST.tables.filter((text) => LEDGER.includes(readTable(text)?.name ?? '')),
    triggers: MANIFEST.triggers?.filter(({ table }) => LEDGER.includes(table)) ?? [],
  };
  const expected = schemaOf(printed);
  const own = await createDatabase(database, beside('guard'));
  const owner = connect(own.databaseUrl, { connectionLimit: 1 });
  const judge = async () => judgeFacts({ ...(await loadDatabase(owner.db)), expected, account: undefined }).findings;
  try {
    await run(owner, 'SET foreign_key_checks = 0');
    for (const text of printed.tables) await run(owner, text);
    for (const { name, timing, event, table, body } of printed.triggers)
      await run(owner, `CREATE TRIGGER ${name} ${timing} ${event} ON ${table} FOR EACH ROW ${body}`);
    expect((await judge()).map(({ ruleId }) => ruleId)).toEqual(['BG311']);
    const dropped = await dropEverything(owner, expected);
    expect(dropped.length).toBeGreaterThan(20);
    const missed = new Set((await judge()).map(nameOf));
    expect(dropped.filter((name) => !missed.has(name))).toEqual([]);
  } finally {
    await owner.close();
    await own.drop();
  }
});

const nameOf = ({ where }: { where: object }): string =>
  `${Reflect.get(where, 'table')}.${Reflect.get(where, 'object')}`;

/** In one statement for each table, but triggers; the names of what is gone. */
async function dropEverything(owner: Database, { tables, triggers = new Map() }: Schema): Promise<string[]> {
  const dropped = [...triggers.values()].map(({ table, name }) => `${table}.${name}`);
  for (const name of triggers.keys()) await run(owner, `DROP TRIGGER ${name}`);
  for (const { name: table, foreignKeys, checks, keys } of tables.values()) {
    const unique = [...keys].filter(([key, { isUnique }]) => isUnique && key !== 'PRIMARY').map(([key]) => key);
    const drops = [
      ...[...foreignKeys.keys()].map((name) => ({ name, what: 'FOREIGN KEY' })),
      ...[...checks.keys()].map((name) => ({ name, what: 'CONSTRAINT' })),
      ...unique.map((name) => ({ name, what: 'KEY' })),
    ];
    await run(owner, `ALTER TABLE ${table} ${drops.map(({ what, name }) => `DROP ${what} \`${name}\``).join(', ')}`);
    dropped.push(...drops.map(({ name }) => `${table}.${name}`));
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
