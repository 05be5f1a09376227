import { createConnection, type Connection } from 'mysql2/promise';
import type { Services } from './services.ts';

export type OwnDatabase = { databaseUrl: string; drop(): Promise<void> };

/** An empty database of that name on the services' server (an old one of the same name is dropped). */
export async function createDatabase(services: Pick<Services, 'databaseUrl'>, name: string): Promise<OwnDatabase> {
  const quoted = quoteName(name);
  await onServer(services.databaseUrl, `DROP DATABASE IF EXISTS ${quoted}; CREATE DATABASE ${quoted} ${unicode}`);
  return {
    databaseUrl: databaseUrlFor(services.databaseUrl, name),
    drop: () => onServer(services.databaseUrl, `DROP DATABASE IF EXISTS ${quoted}`),
  };
}

/** Creates the database where it is missing and leaves it alone where it is not. */
export async function ensureDatabase(services: Pick<Services, 'databaseUrl'>, name: string): Promise<string> {
  await onServer(services.databaseUrl, `CREATE DATABASE IF NOT EXISTS ${quoteName(name)} ${unicode}`);
  return databaseUrlFor(services.databaseUrl, name);
}

/**
 * Empties every table except the record of migrations. TRUNCATE, because the append-only tables refuse DELETE by
 * trigger and TRUNCATE fires none; only where there is something, because it makes the table's file anew.
 */
export async function emptyTables(databaseUrl: string): Promise<void> {
  const connection = await open(databaseUrl, { withDatabase: true });
  try {
    const names = await textOf(
      connection,
      `SELECT GROUP_CONCAT(CONCAT('SELECT ', QUOTE(table_name), ' AS name FROM DUAL WHERE EXISTS (SELECT 1 FROM \`', table_name, '\`)') SEPARATOR ' UNION ALL ') AS text
         FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name NOT LIKE '%migration%'`,
    );
    const filled =
      names &&
      (await textOf(
        connection,
        `SELECT GROUP_CONCAT(CONCAT('TRUNCATE TABLE \`', name, '\`') SEPARATOR ';') AS text FROM (${names}) filled`,
      ));
    // A transaction somebody left open holds TRUNCATE up: say so after 10 s instead of waiting for a day.
    if (filled) await connection.query(`SET foreign_key_checks = 0, lock_wait_timeout = 10; ${filled}`);
  } finally {
    await connection.end();
  }
}

/** Drops every database whose name begins so. */
export async function dropDatabases(services: Pick<Services, 'databaseUrl'>, prefix: string): Promise<void> {
  const connection = await open(services.databaseUrl, { withDatabase: false });
  try {
    const sql = await textOf(
      connection,
      `SELECT GROUP_CONCAT(CONCAT('DROP DATABASE \`', schema_name, '\`') SEPARATOR ';') AS text
         FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?`,
      [prefix.length, prefix],
    );
    if (sql) await connection.query(sql);
  } finally {
    await connection.end();
  }
}

const unicode = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci';

function databaseUrlFor(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function quoteName(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    throw new Error(`devstack: "${name}" is no name for a database (a-z, 0-9, _)`);
  return `\`${name}\``;
}

async function onServer(databaseUrl: string, sql: string): Promise<void> {
  const connection = await open(databaseUrl, { withDatabase: false });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function open(databaseUrl: string, { withDatabase }: { withDatabase: boolean }): Promise<Connection> {
  const url = new URL(databaseUrl);
  const socketPath = url.searchParams.get('socketPath');
  const connection = await createConnection({
    ...(socketPath ? { socketPath } : { host: url.hostname, port: Number(url.port || 3306) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(withDatabase ? { database: url.pathname.slice(1) } : {}),
    multipleStatements: true,
  });
  await connection.query('SET SESSION group_concat_max_len = 1048576');
  return connection;
}

/** What the query's only row holds under `text`; undefined where that is null. */
async function textOf(
  connection: Connection,
  sql: string,
  values: (string | number)[] = [],
): Promise<string | undefined> {
  const [rows] = await connection.query(sql, values);
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  const value = row && typeof row === 'object' && 'text' in row ? row.text : undefined;
  return typeof value === 'string' ? value : undefined;
}
