import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Account, DatabaseFacts } from './facts.ts';
import { loadAccount } from './load-account.ts';
import { expectedSchema, schemaOf, type Printed } from './manifest.ts';
import type { Schema, Trigger } from './schema/schema.ts';

const SETTINGS = [
  'tx_isolation',
  'transaction_isolation',
  'innodb_flush_log_at_trx_commit',
  'innodb_doublewrite',
  'sync_binlog',
  'log_bin',
  'sql_mode',
  'time_zone',
  'system_time_zone',
];
/** Kept by the migrator, not made by a migration. */
const MIGRATOR = /^kysely_migration(?:_lock)?$/;

/** Reads everything that rules look at. SELECT on the schema and EXECUTE on its procedure `guard_triggers` are enough. */
export async function loadDatabase(db: Db, { account }: { account?: string | undefined } = {}): Promise<DatabaseFacts> {
  const [about] = (
    await sql<{ version: string; name: string }>`SELECT VERSION() AS version, DATABASE() AS name`.execute(db)
  ).rows;
  const server = /mariadb/i.test(about?.version ?? '') ? 'mariadb' : 'mysql';
  const own = await loadAccount(db, server).catch(() => undefined);
  const actual = schemaOf(await printSchema(db, own));
  const expected = expectedSchema();
  return {
    server,
    schemaName: about?.name ?? '',
    settings: await loadSettings(db),
    actual,
    expected: isOurs(actual, expected) ? expected : undefined,
    account: account === undefined ? own : await loadAccount(db, server, account).catch(() => undefined),
  };
}

/** The schema as the server prints it, without what changes from day to day. */
export async function printSchema(db: Db, account: Account | undefined): Promise<Printed> {
  const { rows } = await sql<Record<string, string>>`SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'`.execute(db);
  const names = rows.map((row) => Object.values(row)[0] ?? '').filter((name) => !MIGRATOR.test(name));
  const tables: string[] = [];
  for (const name of names.toSorted((a, b) => a.localeCompare(b))) {
    const [row] = (await sql<{ 'Create Table': string }>`SHOW CREATE TABLE ${sql.id(name)}`.execute(db)).rows;
    tables.push((row?.['Create Table'] ?? '').replace(/ AUTO_INCREMENT=\d+/, ''));
  }
  return { tables, triggers: await loadTriggers(db, account) };
}

const triggerSchema = z.object({
  name: z.string(),
  table: z.string(),
  timing: z.string(),
  event: z.string(),
  body: z.string(),
});
/** A procedure gives its rows, and then how it went. */
const calledSchema = z.array(z.array(triggerSchema).catch([])).transform(([rows = []]) => rows);

/** Servers show triggers only to who may make them, so a procedure of the schema's owner tells of them. */
async function loadTriggers(db: Db, account: Account | undefined): Promise<Trigger[] | undefined> {
  const mayMake = account?.grants.some((grant) => /\b(?:ALL PRIVILEGES|TRIGGER)\b/.test(grant)) === true;
  if (mayMake) {
    const { rows } = await sql<Trigger>`
      SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS \`table\`, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event, ACTION_STATEMENT AS body
        FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY TRIGGER_NAME`.execute(db);
    return z.array(triggerSchema).parse(rows);
  }
  try {
    return calledSchema.parse((await sql`CALL guard_triggers()`.execute(db)).rows);
  } catch {
    return undefined;
  }
}

async function loadSettings(db: Db): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ Variable_name: string; Value: string }>`
    SHOW GLOBAL VARIABLES WHERE Variable_name IN (${sql.join(SETTINGS)})`.execute(db);
  return new Map(rows.map((row) => [row.Variable_name.toLowerCase(), row.Value]));
}

/** Most of our tables are there: it is one of ours, and what is missing is missing. */
function isOurs({ tables }: Schema, expected: Schema): boolean {
  const found = [...expected.tables.keys()].filter((name) => tables.has(name));
  return found.length * 2 > expected.tables.size;
}
