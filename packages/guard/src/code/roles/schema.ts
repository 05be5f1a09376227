import { snake, tableName } from '../queries/query.ts';

/** What the tree's own schema files say. Empty when there are none. */
export type Schema = {
  isUnique(table: string, column: string): boolean;
  /** The columns of each unique key of the table, the primary one among them. */
  keysOf(table: string): readonly (readonly string[])[];
  /** The database refuses a value below zero. */
  isNeverNegative(table: string, column: string): boolean;
  /** The column is true when nothing is said. */
  isTrueByDefault(column: string): boolean;
  columnsOf(table: string): ReadonlySet<string>;
  readonly isKnown: (table: string) => boolean;
};

/** Reads CREATE TABLE and CREATE UNIQUE INDEX of SQL, models of Prisma, and `.unique()` of table builders. */
export function readSchema(files: readonly { readonly path: string; readonly text: string }[]): Schema {
  const unique = new Set<string>();
  const positive = new Set<string>();
  const truths = new Set<string>();
  const columns = new Map<string, Set<string>>();
  const tables = new Set<string>();
  const keys = new Map<string, string[][]>();
  const into = { unique, keys, positive, truths, columns, tables };
  for (const { path, text } of files) {
    if (path.endsWith('.sql')) readSqlSchema(text, into);
    else if (path.endsWith('.prisma')) readPrisma(text, into);
    else readBuilders(text, into);
  }
  return {
    isUnique: (table, column) => unique.has(`${table}.${column}`),
    keysOf: (table) => keys.get(table) ?? [],
    isNeverNegative: (table, column) => positive.has(`${table}.${column}`),
    isTrueByDefault: (column) => truths.has(column),
    columnsOf: (table) => columns.get(table) ?? new Set(),
    isKnown: (table) => tables.has(table),
  };
}

type Into = {
  readonly unique: Set<string>;
  readonly keys: Map<string, string[][]>;
  readonly positive: Set<string>;
  readonly truths: Set<string>;
  readonly columns: Map<string, Set<string>>;
  readonly tables: Set<string>;
};

const CREATE = /create\s+table\s+(?:if\s+not\s+exists\s+)?[`"]?([\w.]+)[`"]?\s*\(/gi;

function readSqlSchema(text: string, into: Into): void {
  for (const match of text.matchAll(CREATE)) {
    const table = tableName(match[1] ?? '');
    into.tables.add(table);
    const from = match.index + match[0].length;
    for (const line of text.slice(from, from + 20_000).split('\n')) {
      if (/^\s*\)/.test(line)) break;
      readColumn(table, line, into);
    }
  }
  for (const match of text.matchAll(/create\s+unique\s+index\s+\S+\s+on\s+[`"]?(\w+)[`"]?\s*\(([^)]{1,300})\)/gi))
    addUnique(match[1] ?? '', match[2] ?? '', into);
  for (const match of text.matchAll(/alter\s+table\s+[`"]?([\w.]+)[`"]?\s([^;]{0,20000})/gi)) {
    const table = tableName(match[1] ?? '');
    // A change to a table: its parts are read like the lines of a new one.
    for (const part of (match[2] ?? '').split(/,\s*(?=(?:add|modify|change|alter|drop)\b)/i))
      readColumn(table, part.replace(/^\s*(?:add|modify)\s+(?:column\s+)?/i, ''), into);
  }
}

function readColumn(table: string, line: string, into: Into): void {
  const [, name = ''] = /^\s*[`"]?(\w+)[`"]?\s/.exec(line) ?? [];
  const lower = line.toLowerCase();
  const column = name.toLowerCase();
  noteColumn(into, table, column);
  const listed = /unique(?:\s+key|\s+index)?[^(]{0,100}\(([^)]{1,300})\)/i.exec(line);
  if (listed !== null) addUnique(table, listed[1] ?? '', into);
  else if (/\bunique\b/.test(lower) && !lower.trimStart().startsWith('unique')) addUnique(table, column, into);
  const primary = /primary\s+key[^(]{0,100}\(([^)]{1,300})\)/i.exec(line);
  if (primary !== null) addKey(table, columnsIn(primary[1] ?? ''), into);
  else if (/\bprimary\s+key\b/.test(lower)) addKey(table, [column], into);
  for (const match of lower.matchAll(/check\s*\(\s*[`"]?(\w+)[`"]?\s*>=\s*0/g))
    into.positive.add(`${table}.${match[1] ?? ''}`);
  if (/\bunsigned\b/.test(lower)) into.positive.add(`${table}.${column}`);
  if (/default\s+(?:true|1)\b/.test(lower)) into.truths.add(column);
}

function noteColumn({ columns }: Into, table: string, column: string): void {
  const known = columns.get(table);
  if (known === undefined) columns.set(table, new Set([column]));
  else known.add(column);
}

function addUnique(table: string, list: string, into: Into): void {
  const columns = columnsIn(list);
  for (const column of columns) into.unique.add(`${tableName(table)}.${column}`);
  addKey(tableName(table), columns, into);
}

function addKey(table: string, columns: string[], { keys }: Into): void {
  keys.set(table, [...(keys.get(table) ?? []), columns]);
}

function columnsIn(list: string): string[] {
  return list.split(',').map((column) => snake(column.replaceAll(/[`"\s]/g, '')));
}

function readPrisma(text: string, into: Into): void {
  for (const match of text.matchAll(/^model\s+(\w+)\s*\{([^}]{0,20000})\}/gm)) {
    const table = tableName(match[1] ?? '');
    into.tables.add(table);
    for (const line of (match[2] ?? '').split('\n')) {
      const [, name = ''] = /^\s*(\w+)\s/.exec(line) ?? [];
      const column = snake(name);
      noteColumn(into, table, column);
      if (/@unique\b/.test(line)) addUnique(table, column, into);
      if (/@id\b/.test(line)) addKey(table, [column], into);
      if (line.includes('@default(true)')) into.truths.add(column);
      const listed = /@@unique\(\s*(?:fields:\s*)?\[([^\]]{1,300})\]/.exec(line);
      if (listed !== null) addUnique(table, listed[1] ?? '', into);
    }
  }
}

/** Knex's and Drizzle's table builders, a line at a time. */
function readBuilders(text: string, into: Into): void {
  if (!text.includes('unique') && !text.includes('default') && !text.includes('Default')) return;
  let table = '';
  for (const line of text.split('\n')) {
    if (line.length > 500) continue;
    const opened = /(?:createTable|alterTable|table|mysqlTable|pgTable|sqliteTable)\(\s*['"`](\w+)['"`]/.exec(line);
    if (opened !== null) {
      table = tableName(opened[1] ?? '');
      into.tables.add(table);
    }
    const [, column = ''] = /\.\w+\(\s*['"`](\w+)['"`]/.exec(line) ?? [];
    if (table === '' || column === '') continue;
    noteColumn(into, table, snake(column));
    if (/\.unique\(/.test(line)) addUnique(table, column, into);
    if (/\.unsigned\(\)/.test(line)) into.positive.add(`${table}.${snake(column)}`);
    if (/default(?:To)?\((?:true|1)\)/.test(line)) into.truths.add(snake(column));
    const listed = /\.unique\(\s*\[([^\]]{1,300})\]/.exec(line);
    if (listed !== null) addUnique(table, (listed[1] ?? '').replaceAll(/['"]/g, ''), into);
  }
}
