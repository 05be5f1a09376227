import { openLanes, type ResultRows, type Send, sqlValue } from '@yunshang/db';

/** What a client sent at once: one statement, or several that travelled together. */
export type Trip = readonly string[];

export type StatementLog = {
  /** Statements of our own, which are not logged. */
  send: Send;
  /** A moment to count from, by the server's clock. */
  mark(): Promise<string>;
  /** What others sent to the database since then, or since the log began. */
  trips(since?: string): Promise<Trip[]>;
  stop(): Promise<void>;
};

/**
 * Switches on the server's own log of statements: the one witness that sees what processes really send. The account of the
 * address must be allowed to set global variables; what they were is put back at the end.
 */
export async function openStatementLog(databaseUrl: string): Promise<StatementLog> {
  const lanes = openLanes(databaseUrl, 1);
  const send: Send = (statements) =>
    lanes.use(async (raw) => (await raw(['SET SESSION sql_log_off = 1', ...statements])).slice(1));
  const before = (await firstRow(send, 'SELECT @@global.general_log AS is_on, @@global.log_output AS output')) ?? {};
  const [threads = []] = await send([
    'SELECT id, db FROM information_schema.processlist',
    "SET GLOBAL log_output = 'TABLE'",
    'SET GLOBAL general_log = 1',
  ]);
  const mark = async (): Promise<string> => text((await firstRow(send, 'SELECT CAST(NOW(6) AS CHAR) AS now'))?.['now']);
  const began = await mark();
  const known = threads.map((row): [string, string] => [text(row['id']), text(row['db'])]);
  const database = new URL(databaseUrl).pathname.slice(1);
  return {
    send,
    mark,
    trips: async (since = began) => {
      const rows = await readLog(send, began);
      return tripsOf(rows, { threads: new Map(known), database, since });
    },
    stop: async () => {
      await send([
        `SET GLOBAL general_log = ${sqlValue(Number(before['is_on'] ?? 0))}`,
        `SET GLOBAL log_output = ${sqlValue(text(before['output']) || 'FILE')}`,
      ]);
      await lanes.close();
    },
  };
}

async function readLog(send: Send, since: string): Promise<ResultRows> {
  const [rows = []] = await send([
    `SELECT CAST(event_time AS CHAR) AS at, thread_id, command_type, CONVERT(argument USING utf8mb4) AS argument
       FROM mysql.general_log
      WHERE event_time >= ${sqlValue(since)} AND command_type IN ('Connect', 'Query', 'Execute')`,
  ]);
  return rows;
}

/**
 * Connections of our database; those that are newer than the log are named by it when they connect. MySQL logs what travelled
 * together one by one, each but the last with its semicolon.
 */
function tripsOf(rows: ResultRows, log: { threads: Map<string, string>; database: string; since: string }): Trip[] {
  const trips: string[][] = [];
  const unfinished = new Map<string, string[]>();
  for (const row of rows) {
    const [thread, argument] = [text(row['thread_id']), text(row['argument'])];
    if (row['command_type'] === 'Connect') log.threads.set(thread, / on (\S*) using /.exec(argument)?.[1] ?? '');
    else if (log.threads.get(thread) === log.database && text(row['at']) >= log.since) {
      const trip = unfinished.get(thread) ?? [];
      if (trip.length === 0) trips.push(trip);
      trip.push(...split(argument));
      if (argument.endsWith(';')) unfinished.set(thread, trip);
      else unfinished.delete(thread);
    }
  }
  return trips;
}

/** As they were joined to be sent: no value can hold a line break, since those are escaped. */
function split(packet: string): Trip {
  return packet
    .split(/;(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

async function firstRow(send: Send, statement: string): Promise<Record<string, unknown> | undefined> {
  const [rows = []] = await send([statement]);
  return rows[0];
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
