import { Kysely, MysqlDialect, type Transaction } from 'kysely';
import { createPool } from 'mysql2';
import { cutSilent, poolOptions, SESSION } from './database-url.ts';
import { isTransient } from './database-errors.ts';
import type { Schema } from './schema.gen.ts';

/** For reads and single guarded statements. */
export type Db = Kysely<Schema>;
/** For grouped writes: only inTransaction makes one. */
export type Tx = Transaction<Schema>;

export type Database = { readonly db: Db; readonly url: string; close(): Promise<void> };

export type ConnectOptions = {
  /** Most connections at once; 10 unless told. */
  connectionLimit?: number;
  /** A connection silent for this long is cut: above the longest lock wait. Unlimited when absent (migrations, doctor). */
  silenceMs?: number;
  /** Told of every statement and its time in ms; for metrics and tests of round trips. */
  onQuery?: (sql: string, durationMs: number) => void;
};

/** How long server and worker let a connection be silent: three times the longest lock wait. */
export const SILENCE_MS = 30_000;

/** Opens a pool. Nothing is sent until the first query. */
export function connect(databaseUrl: string, options: ConnectOptions = {}): Database {
  const { connectionLimit = 10, onQuery, silenceMs } = options;
  const pool = createPool(poolOptions(databaseUrl, connectionLimit));
  // Queued on the connection ahead of its first use.
  pool.on('connection', (connection) => {
    if (silenceMs !== undefined) cutSilent(connection, silenceMs);
    for (const statement of SESSION) connection.query(statement);
  });
  const db = new Kysely<Schema>({
    dialect: new MysqlDialect({ pool }),
    ...(onQuery === undefined ? {} : { log: (event) => onQuery(event.query.sql, event.queryDurationMillis) }),
  });
  return { db, url: databaseUrl, close: () => db.destroy() };
}

const TRIES = 4;

/**
 * Runs a use case's writes in one READ COMMITTED transaction. A deadlock (1213) or lock time-out (1205) rolls back and
 * runs `work` again, up to 4 times in all, so `work` must touch nothing but `tx`.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= TRIES || !isTransient(error)) throw error;
    }
  }
}
