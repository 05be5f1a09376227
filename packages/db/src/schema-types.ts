import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { poolOptions } from './database-url.ts';

type ColumnRow = RowDataPacket & {
  t: string;
  c: string;
  type: string;
  nullable: string;
  def: string | null;
  extra: string;
};
type CheckRow = RowDataPacket & { t: string; clause: string };

/** `status IN ('a', 'b')` in a CHECK gives the column a union type: the longest list, then what other CHECKs name besides. */
function unionsOf(checks: readonly CheckRow[]): Map<string, string> {
  const lists = new Map<string, string[][]>();
  for (const { t, clause } of checks)
    for (const match of clause
      .replaceAll("\\'", "'")
      .replaceAll('_utf8mb4', '')
      .matchAll(/`(\w+)` in \(('[^)]*')\)/gi)) {
      const values = (match[2] ?? '').split(',').map((value) => value.trim());
      const name = `${t}.${match[1] ?? ''}`;
      lists.set(name, [...(lists.get(name) ?? []), values]);
    }
  return new Map(
    [...lists].map(([name, named]) => {
      const longestFirst = named.toSorted((one, other) => other.length - one.length);
      return [name, [...new Set(longestFirst.flat())].join(' | ')];
    }),
  );
}

function jsonColumns(checks: readonly CheckRow[]): Set<string> {
  return new Set(
    checks.flatMap(({ t, clause }) => [...clause.matchAll(/json_valid\(`(\w+)`\)/gi)].map((m) => `${t}.${m[1] ?? ''}`)),
  );
}

function baseType(column: ColumnRow, json: ReadonlySet<string>): string {
  if (column.type === 'json' || json.has(`${column.t}.${column.c}`)) return 'Json';
  if (column.type === 'tinyint(1)') return '0 | 1';
  if (/^(tinyint|smallint|int|bigint|double)/.test(column.type)) return 'number';
  if (column.type === 'date') return 'Day';
  if (column.type.startsWith('datetime')) return 'Date';
  if (/^(var)?binary|blob$/.test(column.type)) return 'Buffer';
  if (/^(var)?char/.test(column.type)) return 'string';
  throw new Error(`no type for ${column.t}.${column.c} ${column.type}`);
}

function columnType(column: ColumnRow, unions: ReadonlyMap<string, string>, json: ReadonlySet<string>): string {
  const union = unions.get(`${column.t}.${column.c}`);
  const base = union ?? baseType(column, json);
  const nullable = column.nullable === 'YES';
  const full = nullable ? `${base} | null` : base;
  if (/(STORED|VIRTUAL) GENERATED|STORED|PERSISTENT/i.test(column.extra)) return `GeneratedAlways<${full}>`;
  const generated = column.extra.includes('auto_increment') || (column.def !== null && column.def !== 'NULL');
  return generated ? `Generated<${full}>` : full;
}

function pascal(name: string): string {
  return name.replaceAll(/(^|_)([a-z])/g, (_all, _bar, letter: string) => letter.toUpperCase());
}

const HEAD = `// Generated from the migrations by packages/db/scripts/generate-schema.ts; a test compares it with information_schema.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Read as a value or as text, depending on the server; written as text. */
export type Json = ColumnType<unknown, string, string>;
/** A calendar day: read as a Date at UTC midnight, written as YYYY-MM-DD. */
export type Day = ColumnType<Date, string, string>;
`;

/** The Kysely types of the schema that is in this database, as the text of a TypeScript file. */
export async function generateSchema(databaseUrl: string): Promise<string> {
  const connection = await createConnection(poolOptions(databaseUrl, 1));
  try {
    // Sorted by bytes: servers order the names of information_schema by rules of their own.
    const [columns] = await connection.query<ColumnRow[]>(
      `SELECT table_name t, column_name c, column_type type, is_nullable nullable, column_default def, extra AS extra
       FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name NOT LIKE 'kysely%'
       ORDER BY CAST(table_name AS BINARY), ordinal_position`,
    );
    const [checks] = await connection.query<CheckRow[]>(
      `SELECT tc.table_name t, cc.check_clause clause FROM information_schema.check_constraints cc
       JOIN information_schema.table_constraints tc
         ON tc.constraint_schema = cc.constraint_schema AND tc.constraint_name = cc.constraint_name AND tc.constraint_type = 'CHECK'
       WHERE cc.constraint_schema = DATABASE() ORDER BY CAST(tc.table_name AS BINARY), CAST(cc.constraint_name AS BINARY)`,
    );
    const unions = unionsOf(checks);
    const json = jsonColumns(checks);
    const tables = [...new Set(columns.map((column) => column.t))];
    const bodies = tables.map((table) => {
      const lines = columns
        .filter((column) => column.t === table)
        .map((column) => `  ${column.c}: ${columnType(column, unions, json)};`);
      return `export interface ${pascal(table)}Table {\n${lines.join('\n')}\n}\n`;
    });
    const schema = `export interface Schema {\n${tables.map((table) => `  ${table}: ${pascal(table)}Table;`).join('\n')}\n}\n`;
    return [HEAD, ...bodies, schema].join('\n');
  } finally {
    await connection.end();
  }
}
