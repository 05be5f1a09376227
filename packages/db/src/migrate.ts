import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { connect } from './database.ts';
import { assertMayMakeTriggers, failedIn } from './migration-error.ts';

const FOLDER = new URL('../migrations/', import.meta.url);

function statementsOf(text: string): string[] {
  const code = text.replaceAll(/^--.*$/gm, '');
  return code
    .split(/;\s*$/m)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

async function migrationFiles(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
}

const provider: MigrationProvider = {
  async getMigrations() {
    const migrations: Record<string, Migration> = {};
    for (const name of await migrationFiles())
      migrations[name.replace(/\.sql$/, '')] = {
        async up(db) {
          for (const statement of statementsOf(await readFile(new URL(name, FOLDER), 'utf8')))
            await sql.raw(statement).execute(db);
        },
      };
    return migrations;
  },
};

/**
 * Applies what is missing, in order, under a lock; several processes may call it at once. Returns the names applied. Throws
 * MigrationError, before anything is changed where that can be told before.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const database = connect(databaseUrl, { connectionLimit: 2 });
  try {
    const migrator = new Migrator({ db: database.db, provider });
    if ((await pendingOf(migrator)).length === 0) return [];
    await assertMayMakeTriggers(database.db);
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw failedIn(results.find(({ status }) => status === 'Error')?.migrationName, error);
    return results.map((result) => result.migrationName);
  } finally {
    await database.close();
  }
}

/** Names of migrations that this code has and the database has not. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const database = connect(databaseUrl, { connectionLimit: 1 });
  try {
    return await pendingOf(new Migrator({ db: database.db, provider }));
  } finally {
    await database.close();
  }
}

async function pendingOf(migrator: Migrator): Promise<string[]> {
  const all = await migrator.getMigrations();
  return all.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
}
