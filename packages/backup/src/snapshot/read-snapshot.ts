import { type RawColumn, type RawRow, type RawSession, sqlValue } from '@yunshang/db';
import type { About, Frame, Sums } from './frame.ts';
import { rowSum } from './row-sum.ts';
import {
  assertTablesOnly,
  listProcedures,
  listTables,
  listTriggers,
  quoted,
  rowsSql,
  shapeOf,
  type TableShape,
} from './schema.store.ts';

/** About how much of a statement of rows is sent at once. */
const STATEMENT_BYTES = 262_144;

/** Told as tables are read: the table, and rows of it so far. */
export type OnProgress = (table: string, rows: number) => void;

/**
 * Reads the whole database as it stands at one moment, while others go on writing: no lock is taken, and nothing of it is
 * held in memory. A change of the schema meanwhile makes it fail.
 */
export async function* readSnapshot(session: RawSession, onProgress?: OnProgress): AsyncGenerator<Frame> {
  await session.read('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  // Who takes the rows may be slow: a bucket far away, a busy disk.
  await session.read('SET SESSION net_write_timeout = 3600');
  await session.read('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  await assertTablesOnly(session);
  const about = await aboutOf(session);
  yield { kind: 'about', about };
  const sums: Sums = {};
  for (const { name } of about.tables) {
    const shape = await shapeOf(session, name);
    const sum = rowSum();
    let rows = 0;
    for await (const batch of batches(session, shape)) {
      for (const row of batch) sum.add(row);
      rows += batch.length;
      yield { kind: 'rows', table: name, statement: insertSql(shape, batch) };
      onProgress?.(name, rows);
    }
    sums[name] = sum.end();
  }
  await session.read('COMMIT');
  yield { kind: 'sums', sums };
}

async function aboutOf(session: RawSession): Promise<About> {
  const { rows } = await session.read('SELECT DATABASE(), VERSION(), UTC_TIMESTAMP(3)');
  const [database = '', server = '', time = ''] = (rows[0] ?? []).map((value) => value?.toString('utf8') ?? '');
  return {
    format: 1,
    database,
    server,
    takenAt: new Date(`${time.replace(' ', 'T')}Z`).toISOString(),
    tables: await listTables(session),
    triggers: await listTriggers(session),
    procedures: await listProcedures(session),
  };
}

/** The rows in batches of one statement each. */
async function* batches(session: RawSession, shape: TableShape): AsyncGenerator<RawRow[]> {
  let batch: RawRow[] = [];
  let bytes = 0;
  for await (const row of session.stream(rowsSql(shape))) {
    batch.push(row);
    bytes += row.reduce((sum, value) => sum + (value?.length ?? 0) + 4, 0);
    if (bytes < STATEMENT_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function insertSql({ name, columns, isGenerated }: TableShape, rows: readonly RawRow[]): string {
  const written = columns.flatMap((column, index) => (isGenerated[index] === true ? [] : [{ column, index }]));
  const values = rows.map(
    (row) => `(${written.map(({ column, index }) => literal(column, row[index] ?? null)).join(',')})`,
  );
  const names = written.map(({ column }) => quoted(column.name)).join(',');
  return `INSERT INTO ${quoted(name)} (${names}) VALUES ${values.join(',')}`;
}

function literal({ kind }: RawColumn, value: Buffer | null): string {
  if (value === null) return 'NULL';
  if (kind === 'number') return value.toString('ascii');
  if (kind === 'bytes') return `X'${value.toString('hex')}'`;
  return sqlValue(value.toString('utf8'));
}
