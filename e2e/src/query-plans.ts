import type { Send } from '@yunshang/db';

/** One line of EXPLAIN: how one table of a statement is read. */
export type Access = {
  table: string;
  /** `const`, `ref`, `range` …; `index` reads a whole index, `ALL` the whole table, `page` until it is full. Empty where nothing is read. */
  type: string;
  key: string;
  /** The rows the optimizer expects to read; of a page in the order of its index, the rows it did read until the page was full. */
  rows: number;
  extra: string;
};
export type Plan = { statement: string; accesses: readonly Access[] };

export type Bounds = {
  /** Tables a plan may read only in part. */
  growing: ReadonlySet<string>;
  /** The most rows of one of them it may expect to read, and to sort for one page. */
  mostRows: number;
  mostSorted: number;
};

/** The counters of rows read by an index; the others also count what SHOW STATUS reads. */
const BY_INDEX = /_(?:first|key|last|next|prev)$/;

/** One example, the longest, of each statement that differs in more than its values and the lengths of its lists. */
export function distinctStatements(statements: readonly string[]): string[] {
  const examples = new Map<string, string>();
  for (const statement of statements) {
    const shape = shapeOf(statement);
    const known = examples.get(shape);
    if (known === undefined || known.length < statement.length) examples.set(shape, statement);
  }
  return [...examples.values()];
}

function shapeOf(statement: string): string {
  return statement
    .replaceAll(/x'[0-9a-f]*'/gi, '?')
    .replaceAll(/'(?:[^'\\]|\\.|'')*'/g, '?')
    .replaceAll(/(?<![\w`])-?\d+(?:\.\d+)?\b/g, '?')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\?(?:, ?\?)+/g, '?')
    .replaceAll(/(?:when \? then \? ?)+/gi, 'when ? then ? ');
}

/** Whether EXPLAIN has something to say about it: it looks for rows. */
export function looksForRows(statement: string): boolean {
  return /^(?:select|update|delete)\b/i.test(statement) && /\b(?:from|update)\b/i.test(statement);
}

/** The database's own tables, with fresh statistics: what the optimizer decides by. */
export async function measuredTables(send: Send): Promise<Map<string, number>> {
  const [rows = []] = await send([
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name NOT LIKE '%migration%'`,
  ]);
  const counts = new Map<string, number>();
  for (const { name } of rows) {
    const [, [row] = []] = await send([`ANALYZE TABLE ${text(name)}`, `SELECT COUNT(*) AS count FROM ${text(name)}`]);
    counts.set(text(name), Number(row?.['count']));
  }
  return counts;
}

/** `SELECT tasks`, `COMMIT`: what it does, to which table first. */
export function inShort(statement: string): string {
  const place = /^(select\b.*?\bfrom|delete from|update|insert(?: ignore)? into)\s+`?(\w+)`?/is.exec(statement);
  return place === null ? statement : `${/^\w+/.exec(statement)?.[0].toUpperCase()} ${place[2]}`;
}

/** The plan the server makes of it now, with tables under their own names. */
export async function explain(send: Send, statement: string): Promise<Plan> {
  const [rows = []] = await send([`EXPLAIN FORMAT=TRADITIONAL ${statement}`]);
  const names = aliases(statement);
  const accesses = rows.map((row) => accessOf(row, names));
  if (!isOrderedPage(statement, accesses)) return { statement, accesses };
  const rowsRead = await readBy(send, statement);
  return { statement, accesses: accesses.map((access) => ({ ...access, type: 'page', rows: rowsRead })) };
}

/** How many rows the statement really reads by an index, as both servers count them. */
async function readBy(send: Send, statement: string): Promise<number> {
  const [, , counts = []] = await send(['FLUSH STATUS', statement, "SHOW SESSION STATUS LIKE 'Handler_read%'"]);
  return counts
    .filter((row) => BY_INDEX.test(text(row['Variable_name'])))
    .reduce((sum, row) => sum + Number(row['Value']), 0);
}

function accessOf(row: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>): Access {
  const table = text(row['table']);
  return {
    table: names.get(table) ?? table,
    type: text(row['type']),
    key: text(row['key']),
    // A number, or `400 (5%)` where MariaDB filters them by another index.
    rows: Number(/^\d+/.exec(text(row['rows']))?.[0] ?? row['rows'] ?? 0),
    extra: text(row['Extra']),
  };
}

/** A page of one table that an index gives in its order: reading ends when the page is full, which EXPLAIN does not reckon with. */
function isOrderedPage(statement: string, accesses: readonly Access[]): boolean {
  const [only, ...others] = accesses;
  return (
    only !== undefined &&
    others.length === 0 &&
    ['index', 'range', 'ref'].includes(only.type) &&
    !/filesort|temporary/i.test(only.extra) &&
    /^select\b.*\border by\b.*\blimit \d+$/is.test(statement)
  );
}

function aliases(statement: string): Map<string, string> {
  const found = statement.matchAll(/\b(?:from|join|update)\s+`?(\w+)`?(?:\s+as\s+`?(\w+)`?)?/gi);
  return new Map([...found].map(([, table = '', alias = table]) => [alias, table]));
}

/** What is wrong with the plan, and how to mend it; empty when all is well. Pure. */
export function complaints(plan: Plan, bounds: Bounds): string[] {
  if (/\bjoin\b/i.test(plan.statement) && plan.accesses.every(({ table }) => table === ''))
    return ['joins tables, but no row of the example is left to plan with: keep one'];
  return plan.accesses
    .filter((access) => bounds.growing.has(access.table))
    .flatMap((access) => judge(plan, access, bounds));
}

function judge({ statement }: Plan, access: Access, { mostRows, mostSorted }: Bounds): string[] {
  const { table, type, key, rows, extra } = access;
  const index = 'an index should begin with the columns compared by =, then the one of the range or the order';
  if (type === 'ALL') return [`reads every row of ${table}: ${index}`];
  if (type === 'index') return [`reads the whole index ${key} of ${table}: ${index}`];
  if (rows > mostRows)
    return [`expects to read ${rows} rows of ${table} by ${key}, more than one member has: bound it, or ${index}`];
  if (rows > mostSorted && /\blimit\b/i.test(statement) && /filesort|temporary/i.test(extra))
    return [
      `sorts ${rows} rows of ${table} for one page: an index in the order of the page would end the reading early`,
    ];
  return [];
}

/** The statement and its plan, for whoever has to mend it. */
export function describePlan({ statement, accesses }: Plan): string {
  const lines = accesses.map((a) => `    ${a.table}: ${a.type}, key ${a.key || 'none'}, ${a.rows} rows, ${a.extra}`);
  return [`  ${statement}`, ...lines].join('\n');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
