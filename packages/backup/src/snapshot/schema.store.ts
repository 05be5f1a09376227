import { type RawColumn, type RawSession, sqlValue } from '@yunshang/db';

export type Named = { readonly name: string; readonly create: string };

/** A table as it is to be read and written again. */
export type TableShape = {
  readonly name: string;
  readonly columns: readonly RawColumn[];
  /** Whether the server computes the column from others; such are not written. In the order of `columns`. */
  readonly isGenerated: readonly boolean[];
  readonly primaryKey: readonly string[];
};

export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

type Reads = Pick<RawSession, 'read'>;

async function texts(session: Reads, statement: string): Promise<string[][]> {
  const { rows } = await session.read(statement);
  return rows.map((row) => row.map((value) => value?.toString('utf8') ?? ''));
}

/** Refuses what a backup would leave out. */
export async function assertTablesOnly(session: Reads): Promise<void> {
  const [[others = ''] = []] = await texts(
    session,
    `SELECT GROUP_CONCAT(what) FROM (
       SELECT table_name AS what FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type <> 'BASE TABLE'
       UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND routine_type <> 'PROCEDURE'
       UNION ALL SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()) AS others`,
  );
  if (others !== '')
    throw new Error(`a backup holds tables, triggers and procedures; this database also has ${others}`);
}

/** Every table with the statement that makes it, in the order of the names. */
export async function listTables(session: Reads): Promise<Named[]> {
  const names = await texts(
    session,
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'",
  );
  const tables: Named[] = [];
  for (const [name = ''] of names.toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1))) {
    const [[, create = ''] = []] = await texts(session, `SHOW CREATE TABLE ${quoted(name)}`);
    tables.push({ name, create });
  }
  return tables;
}

/** Every trigger with the statement that makes it, by whoever runs that. */
export async function listTriggers(session: Reads): Promise<Named[]> {
  const names = await texts(
    session,
    `SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
      ORDER BY event_object_table, action_timing, event_manipulation, action_order`,
  );
  const triggers: Named[] = [];
  for (const [name = ''] of names) {
    const [[, , create = ''] = []] = await texts(session, `SHOW CREATE TRIGGER ${quoted(name)}`);
    triggers.push({ name, create: withoutDefiner(create) });
  }
  return triggers;
}

/** Every procedure with the statement that makes it; it is its maker's rights that it runs with. */
export async function listProcedures(session: Reads): Promise<Named[]> {
  const names = await texts(
    session,
    `SELECT routine_name FROM information_schema.routines
      WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE' ORDER BY routine_name`,
  );
  const procedures: Named[] = [];
  for (const [name = ''] of names) {
    const [[, , create = ''] = []] = await texts(session, `SHOW CREATE PROCEDURE ${quoted(name)}`);
    if (create === '') throw new Error(`this account may not see what the procedure ${name} does`);
    procedures.push({ name, create: withoutDefiner(create) });
  }
  return procedures;
}

function withoutDefiner(create: string): string {
  return create.replace(/^CREATE\s+DEFINER\s*=\s*`[^`]*`@`[^`]*`\s+/i, 'CREATE ');
}

export async function shapeOf(session: Reads, name: string): Promise<TableShape> {
  const { columns } = await session.read(`SELECT * FROM ${quoted(name)} LIMIT 0`);
  const of = `table_schema = DATABASE() AND table_name = ${sqlValue(name)}`;
  const generated = await texts(
    session,
    `SELECT column_name FROM information_schema.columns WHERE ${of} AND COALESCE(generation_expression, '') <> ''`,
  );
  const primaryKey = await texts(
    session,
    `SELECT column_name FROM information_schema.statistics WHERE ${of} AND index_name = 'PRIMARY' ORDER BY seq_in_index`,
  );
  if (primaryKey.length === 0) throw new Error(`the table ${name} has no primary key: its rows have no order`);
  return {
    name,
    columns,
    isGenerated: columns.map((column) => generated.some(([each]) => each === column.name)),
    primaryKey: primaryKey.map(([column = '']) => column),
  };
}

/** All rows of the table, in the order of its primary key. */
export function rowsSql({ name, primaryKey }: TableShape): string {
  return `SELECT * FROM ${quoted(name)} ORDER BY ${primaryKey.map(quoted).join(', ')}`;
}
