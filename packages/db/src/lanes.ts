import { createPool, type PoolOptions } from 'mysql2/promise';
import sqlstring from 'sqlstring';
import { SILENCE_MS } from './database.ts';
import { cutSilent, poolOptions, SESSION } from './database-url.ts';

/** Rows of one statement; writes give an empty list. */
export type ResultRows = readonly Record<string, unknown>[];
/** Sends several statements in one round trip; they stop at the first that fails. */
export type Send = (statements: readonly string[]) => Promise<ResultRows[]>;

export type Lanes = {
  /** Holds one connection of a private pool for `work`. On error the connection is rolled back. */
  use<T>(work: (send: Send) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** Text that MySQL reads back as exactly this value. Dates are UTC with milliseconds. */
export function sqlValue(value: string | number | boolean | null | Date | Buffer): string {
  if (value instanceof Date) return `'${value.toISOString().slice(0, 23).replace('T', ' ')}'`;
  return sqlstring.escape(value, false, 'Z');
}

/** A parenthesised list of values, for IN and VALUES. */
export function sqlList(values: readonly (string | number | boolean | null | Date | Buffer)[]): string {
  return `(${values.map((value) => sqlValue(value)).join(', ')})`;
}

/**
 * A pool apart from the ordinary one whose connections take several statements at once. It is for set-oriented writes whose
 * cost is per round trip; every value in such SQL goes through sqlValue.
 */
export function openLanes(databaseUrl: string, connectionLimit: number, silenceMs: number = SILENCE_MS): Lanes {
  const options: PoolOptions = { ...poolOptions(databaseUrl, connectionLimit), multipleStatements: true };
  const pool = createPool(options);
  // A lock is waited for 10 s, then the work is tried again.
  pool.on('connection', (connection) => {
    cutSilent(connection, silenceMs);
    void connection.query([...SESSION, 'SET SESSION innodb_lock_wait_timeout = 10'].join(';\n'));
  });
  return {
    async use(work) {
      const connection = await pool.getConnection();
      const send: Send = async (statements) => {
        const [results] = await connection.query(statements.join(';\n'));
        const list: unknown[] = statements.length === 1 ? [results] : Array.isArray(results) ? results : [];
        return list.map((rows) => (Array.isArray(rows) ? (rows as ResultRows) : []));
      };
      let failed = true;
      try {
        const result = await work(send);
        failed = false;
        return result;
      } finally {
        // A connection that can not even roll back is closed: the server rolls back for it.
        if (failed)
          await connection.query('ROLLBACK').then(
            () => connection.release(),
            () => connection.destroy(),
          );
        else connection.release();
      }
    },
    close: () => pool.end(),
  };
}
