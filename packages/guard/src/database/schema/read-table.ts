import type { Check, Column, Key, Table } from './schema.ts';

type Parts = {
  columns: Map<string, Column>;
  keys: Map<string, Key>;
  checks: Map<string, Check>;
  foreignKeys: Map<string, string>;
};

const NAME = /^`((?:[^`]|``)+)`/;
const TABLE = /^CREATE (?:TEMPORARY )?TABLE (?:IF NOT EXISTS )?`?([\w$-]+)`?/i;
const KEY =
  /^(PRIMARY|UNIQUE|FULLTEXT|SPATIAL)?\s*KEY\s*(?:`([^`]+)`)?\s*\((.*?)\)(?:\s+USING\s+\w+)?(?:\s+COMMENT.*)?$/;
const CHECK = /^CONSTRAINT `([^`]+)` CHECK (\(.*\))\s*(\/\*!80016 NOT ENFORCED \*\/)?$/;
const FOREIGN = /^CONSTRAINT `([^`]+)` FOREIGN KEY (.*)$/;
/** Print the same as saying nothing. */
const NO_ACTION = /\s*\bON (?:DELETE|UPDATE) (?:RESTRICT|NO ACTION)\b/g;

/** Reads what SHOW CREATE TABLE prints, of MariaDB and MySQL. Undefined for what is no table. */
export function readTable(text: string): Table | undefined {
  const name = TABLE.exec(text)?.[1];
  if (name === undefined) return undefined;
  const lines = text.split('\n').map((line) => line.trim().replace(/,$/, ''));
  const parts: Parts = { columns: new Map(), keys: new Map(), checks: new Map(), foreignKeys: new Map() };
  const ofTable = /\bCOLLATE\s*=\s*(\w+)/i.exec(lines.at(-1) ?? '')?.[1];
  for (const line of lines.slice(1)) readLine(line, parts, ofTable);
  return { name, engine: /\bENGINE\s*=\s*(\w+)/i.exec(text)?.[1] ?? 'unknown', ...parts };
}

function readLine(line: string, { columns, keys, checks, foreignKeys }: Parts, ofTable: string | undefined): void {
  const column = NAME.exec(line);
  if (column?.[1] !== undefined) {
    columns.set(column[1], readColumn(line.slice(column[0].length).trim(), ofTable));
    return;
  }
  const [, check, clause, unenforced] = CHECK.exec(line) ?? [];
  if (check !== undefined && clause !== undefined) checks.set(check, { clause, isEnforced: unenforced === undefined });
  const [, foreign, target] = FOREIGN.exec(line) ?? [];
  if (foreign !== undefined && target !== undefined) foreignKeys.set(foreign, target.replaceAll(NO_ACTION, '').trim());
  const [, kind, key, list] = KEY.exec(line) ?? [];
  if (list === undefined) return;
  const isUnique = kind === 'PRIMARY' || kind === 'UNIQUE';
  keys.set(key ?? 'PRIMARY', { columns: list.split(',').map((part) => part.replaceAll(/[`\s]/g, '')), isUnique });
}

/**
 * MariaDB prints JSON as text with a check, whole numbers with the width that nobody uses, and no collation where it is the
 * table's own.
 */
function readColumn(rest: string, ofTable: string | undefined): Column {
  const isNullable = !/\bNOT NULL\b/.test(rest);
  if (/\bjson_valid\(/.test(rest)) return { type: 'json', isNullable, collation: undefined };
  const [, base = '', width = '', more = ''] = /^(\w+)(\([^)]*\))?((?: unsigned)?(?: zerofill)?)/i.exec(rest) ?? [];
  const isWhole = /^(?:tiny|small|medium|big)?int$/i.test(base);
  const generated = /\b(?:GENERATED ALWAYS )?AS (\(.*\)) (STORED|VIRTUAL|PERSISTENT)/i.exec(rest)?.[1];
  const type = `${base}${isWhole ? '' : width}${more}`.toLowerCase();
  return {
    type: generated === undefined ? type : `${type} as ${generated}`,
    isNullable,
    collation: /\bCOLLATE (\w+)/.exec(rest)?.[1] ?? (isText(base) ? ofTable : undefined),
  };
}

function isText(base: string): boolean {
  return /^(?:(?:var)?char|(?:tiny|medium|long)?text|enum|set)$/i.test(base);
}
