import { openRaw, type RawSession } from '@yunshang/db';
import { quoted } from '../snapshot/schema.store.ts';

/** Makes the database that the address names, where it is missing. */
export function createDatabase(databaseUrl: string): Promise<void> {
  return onServer(
    databaseUrl,
    (name) => `CREATE DATABASE IF NOT EXISTS ${quoted(name)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  );
}

export function dropDatabase(databaseUrl: string): Promise<void> {
  return onServer(databaseUrl, (name) => `DROP DATABASE IF EXISTS ${quoted(name)}`);
}

async function onServer(databaseUrl: string, statement: (name: string) => string): Promise<void> {
  const url = new URL(databaseUrl);
  const name = decodeURIComponent(url.pathname.slice(1));
  url.pathname = '/';
  const raw = openRaw(url.href);
  try {
    await raw.read(statement(name));
  } finally {
    await raw.close();
  }
}

/** Refuses a database that holds anything. */
export async function assertEmpty(session: Pick<RawSession, 'read'>): Promise<void> {
  const { rows } = await session.read('SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()');
  if (Number(rows[0]?.[0]) > 0) throw new Error('the database to restore into is not empty');
}
