import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { connect } from './database.ts';

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

/** Applies what is missing, in order, under a lock; several processes may call it at once. Returns the names applied. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const database = connect(databaseUrl, { connectionLimit: 2 });
  try {
    const { error, results = [] } = await new Migrator({ db: database.db, provider }).migrateToLatest();
    if (error !== undefined) throw error;
    return results.map((result) => result.migrationName);
  } finally {
    await database.close();
  }
}

/** Names of migrations that this code has and the database has not. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const database = connect(databaseUrl, { connectionLimit: 1 });
  try {
    const all = await new Migrator({ db: database.db, provider }).getMigrations();
    return all.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
  } finally {
    await database.close();
  }
}
