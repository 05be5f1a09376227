import type { Db } from '@yunshang/db';
import type { TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { SOURCES } from '../src/chain/source.ts';

const GUARDED = [...SOURCES.map(({ table }) => table), 'audit_blocks', 'audit_anchors'];
const CHANGED = [...GUARDED, 'alerts', 'users'];

export const run =
  (...statements: readonly string[]) =>
  async (session: Db): Promise<void> => {
    for (const statement of statements) await sql.raw(statement).execute(session);
  };

/** What somebody can do who may drop triggers and switch off foreign keys. */
export function asRoot(
  { db }: TestDatabase,
  ...tampering: readonly ((session: Db) => Promise<unknown>)[]
): Promise<void> {
  return db.connection().execute(async (session) => {
    await run('SET foreign_key_checks = 0')(session);
    for (const tamper of tampering) await tamper(session);
    await run('SET foreign_key_checks = 1')(session);
  });
}

export const dropTriggers = run(...triggers().map(({ name }) => `DROP TRIGGER IF EXISTS ${name}`));

export const restoreTriggers = run(
  ...triggers().flatMap(({ name, table, event }) => [
    `DROP TRIGGER IF EXISTS ${name}`,
    `CREATE TRIGGER ${name} BEFORE ${event} ON ${table} FOR EACH ROW
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${table} is append-only'`,
  ]),
);

function triggers(): { name: string; table: string; event: string }[] {
  return GUARDED.flatMap((table) =>
    ['UPDATE', 'DELETE'].map((event) => ({ name: `${table}_no_${event.toLowerCase()}`, table, event })),
  );
}

/** Keeps what the tables hold now, beside them. */
export const keepTables = run(
  ...CHANGED.flatMap((table) => [
    `DROP TABLE IF EXISTS kept_${table}`,
    `CREATE TABLE kept_${table} LIKE ${table}`,
    `INSERT INTO kept_${table} SELECT * FROM ${table}`,
  ]),
);

/** Puts back what was kept. The triggers must be gone. */
export const putBackTables = (database: TestDatabase): Promise<void> =>
  asRoot(
    database,
    run(...CHANGED.flatMap((table) => [`DELETE FROM ${table}`, `INSERT INTO ${table} SELECT * FROM kept_${table}`])),
  );

export const dropKept = run(...CHANGED.map((table) => `DROP TABLE IF EXISTS kept_${table}`));
