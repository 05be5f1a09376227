import { createPool, type FieldPacket, type Pool, type PoolConnection } from 'mysql2';
import { cutSilent, poolOptions, SESSION } from './database-url.ts';

/** What a column holds, as far as it decides how a value's text is to be read. */
export type RawKind = 'number' | 'time' | 'text' | 'bytes';
export type RawColumn = { readonly name: string; readonly kind: RawKind };
/** Each value as the server writes it, byte for byte; null for NULL. */
export type RawRow = readonly (Buffer | null)[];
export type RawRows = { readonly columns: readonly RawColumn[]; readonly rows: readonly RawRow[] };

export type RawSession = {
  /** One statement whose rows fit in memory; none for a write. */
  read(statement: string): Promise<RawRows>;
  /** Rows one by one, as fast as they are taken. The loop must run to its end, or the connection is given up. */
  stream(statement: string): AsyncIterable<RawRow>;
};

export type RawDatabase = Pick<RawSession, 'read'> & {
  /** Holds one connection for `work`. On error the connection is closed, and with it whatever was open. */
  session<T>(work: (session: RawSession) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** Numbers of the protocol's types. */
const NUMBERS = new Set([0, 1, 2, 3, 4, 5, 8, 9, 13, 246]);
const TIMES = new Set([7, 10, 11, 12]);
const JSON_TYPE = 245;
const BINARY = 63;

function columnOf(field: FieldPacket): RawColumn {
  const type = field.columnType ?? field.type ?? -1;
  if (NUMBERS.has(type)) return { name: field.name, kind: 'number' };
  if (TIMES.has(type)) return { name: field.name, kind: 'time' };
  // MySQL says of JSON that it is binary; it is UTF-8.
  const isBytes = field.characterSet === BINARY && type !== JSON_TYPE;
  return { name: field.name, kind: isBytes ? 'bytes' : 'text' };
}

/** As the driver takes it: rows as lists of undecoded values. */
function asRaw(sql: string) {
  return { sql, rowsAsArray: true, typeCast: false } as const;
}

function isRows(value: unknown): value is RawRow[] {
  return Array.isArray(value);
}

async function readOn(connection: PoolConnection, statement: string): Promise<RawRows> {
  const [rows, fields] = await connection.promise().query(asRaw(statement));
  return isRows(rows) ? { columns: fields.map(columnOf), rows } : { columns: [], rows: [] };
}

async function* streamOn(connection: PoolConnection, statement: string): AsyncGenerator<RawRow> {
  const stream = connection.query(asRaw(statement)).stream({ highWaterMark: 512 });
  let ended = false;
  try {
    for await (const row of stream) yield row as RawRow;
    ended = true;
  } finally {
    // Rows that nobody takes would be in the way of the next statement.
    if (!ended) connection.destroy();
  }
}

function connectionOf(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => {
      if (error) reject(error);
      else resolve(connection);
    });
  });
}

/** Reads values as the server writes them, for who hashes or copies rows. A pool apart from the ordinary one. */
export function openRaw(
  databaseUrl: string,
  options: { connectionLimit?: number; silenceMs?: number } = {},
): RawDatabase {
  const { connectionLimit = 1, silenceMs } = options;
  const pool = createPool({ ...poolOptions(databaseUrl, connectionLimit), multipleStatements: true });
  pool.on('connection', (connection) => {
    if (silenceMs !== undefined) cutSilent(connection, silenceMs);
    connection.query(SESSION.join(';\n'));
  });
  const session: RawDatabase['session'] = async (work) => {
    const connection = await connectionOf(pool);
    let failed = true;
    try {
      const result = await work({
        read: (statement) => readOn(connection, statement),
        stream: (statement) => streamOn(connection, statement),
      });
      failed = false;
      return result;
    } finally {
      if (failed) connection.destroy();
      else connection.release();
    }
  };
  return { session, read: (statement) => session((held) => held.read(statement)), close: () => pool.promise().end() };
}
