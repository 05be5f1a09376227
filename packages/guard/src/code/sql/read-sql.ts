import { splitStatements, tokensOf, type Token } from './tokens.ts';

/** What stands for a value: a piece put into the text, the n-th placeholder, or what is written. */
export type SqlOperand =
  | { readonly kind: 'hole'; readonly index: number }
  | { readonly kind: 'placeholder'; readonly index: number }
  | { readonly kind: 'literal'; readonly value: string | number | null }
  | { readonly kind: 'other' };
/** `change`: the column's own value plus or minus something. */
export type SqlSet = { readonly column: string; readonly change: '+' | '-' | undefined; readonly value: SqlOperand };
export type SqlCondition = { readonly column: string; readonly op: string; readonly value: SqlOperand };

/** `at`: where in the text it begins. */
export type PlacedStatement = { readonly at: number; readonly statement: SqlStatement };

export type SqlStatement =
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | {
      readonly kind: 'select';
      readonly table: string;
      readonly tables: readonly string[];
      readonly where: readonly SqlCondition[];
      readonly lock: boolean;
      readonly isNewestOnly: boolean;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly sets: readonly SqlSet[];
      readonly isIgnoring: boolean;
      readonly isUpsert: boolean;
    }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly sets: readonly SqlSet[];
      readonly where: readonly SqlCondition[];
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: readonly SqlCondition[] };

const BEGINNING =
  /^\s*(?:--[^\n]*\n\s*|\/\*.{0,2000}?\*\/\s*)*\(?\s*(?:select|insert|replace|update|delete|with|begin|start\s+transaction|commit|rollback)\b/is;

/** True when a text reads like SQL; decided by its first words. */
export function looksLikeSql(text: string): boolean {
  if (!BEGINNING.test(text.slice(0, 4_000))) return false;
  const first = tokensOf(text.slice(0, 400)).map((token) => token.text.toLowerCase());
  switch (first[0]) {
    case 'select':
      return first.includes('from') || first.length > 1;
    case 'insert':
    case 'replace':
      return first.includes('into') || first.includes('ignore');
    case 'update':
      return first.includes('set');
    case 'delete':
      return first.includes('from');
    case 'with':
      return first.includes('as');
    case 'begin':
    case 'commit':
    case 'rollback':
      return first.length <= 2 || first[1] === ';' || first[1] === 'to';
    default:
      return true;
  }
}

/** Reads as much of each statement as the rules ask about; statements it does not know are left out. */
export function readSql(text: string): PlacedStatement[] {
  const tokens = tokensOf(text);
  return splitStatements(tokens).flatMap((statement) => {
    const read = readStatement(statement, placeholdersBefore(tokens, statement));
    return read === undefined ? [] : [{ at: statement[0]?.at ?? 0, statement: read }];
  });
}

function placeholdersBefore(all: readonly Token[], statement: readonly Token[]): number {
  const [first] = statement;
  const at = first === undefined ? 0 : all.indexOf(first);
  return all.slice(0, at).filter(({ kind }) => kind === 'placeholder').length;
}

function readStatement(all: readonly Token[], placeholders: number): SqlStatement | undefined {
  const from = all.findIndex((token) => token.depth === 0 && isOneOf(token, MAIN));
  const tokens = all.slice(from);
  if (from < 0) return undefined;
  const skipped = all.slice(0, from).filter(({ kind }) => kind === 'placeholder').length;
  const reader = { tokens, placeholders: placeholders + skipped };
  switch (lower(tokens[0])) {
    case 'begin':
    case 'start':
      return { kind: 'begin' };
    case 'commit':
      return { kind: 'commit' };
    case 'rollback':
      return lower(tokens[1]) === 'to' ? undefined : { kind: 'rollback' };
    case 'select':
      return readSelect(reader);
    case 'insert':
    case 'replace':
      return readInsert(reader);
    case 'update':
      return readUpdate(reader);
    case 'delete':
      return readDelete(reader);
    default:
      return undefined;
  }
}

type Reader = { readonly tokens: readonly Token[]; readonly placeholders: number };

const MAIN = new Set(['select', 'insert', 'replace', 'update', 'delete', 'begin', 'start', 'commit', 'rollback']);
const AFTER_TABLES = new Set([
  'where',
  'order',
  'group',
  'limit',
  'for',
  'having',
  'union',
  'lock',
  'offset',
  'window',
]);

function lower(token: Token | undefined): string {
  return token?.kind === 'word' || token?.kind === 'mark' ? token.text.toLowerCase() : '';
}

function isOneOf(token: Token, words: ReadonlySet<string>): boolean {
  return token.kind === 'word' && words.has(token.text.toLowerCase());
}

/** Where a word of the statement itself stands, not one of a part in brackets. */
function indexOfWord(tokens: readonly Token[], word: string, from = 0): number {
  return tokens.findIndex((token, index) => index >= from && token.depth === 0 && lower(token) === word);
}

/** `schema.table` gives `table`. */
function nameAt(tokens: readonly Token[], at: number): string {
  let index = at;
  while (tokens[index + 1]?.text === '.' && tokens[index + 2] !== undefined) index += 2;
  const token = tokens[index];
  return token?.kind === 'word' ? token.text.toLowerCase() : '';
}

function readSelect(reader: Reader): SqlStatement | undefined {
  const { tokens } = reader;
  const from = indexOfWord(tokens, 'from');
  if (from < 0) return undefined;
  const end = tokens.findIndex((token, index) => index > from && token.depth === 0 && isOneOf(token, AFTER_TABLES));
  const tables = tokens
    .slice(from, end < 0 ? tokens.length : end)
    .flatMap((token, index, part) =>
      lower(token) === 'from' || lower(token) === 'join' ? [nameAt(part, index + 1)] : [],
    )
    .filter((name) => name !== '');
  const forAt = indexOfWord(tokens, 'for', from);
  const order = indexOfWord(tokens, 'order', from);
  const limit = indexOfWord(tokens, 'limit', from);
  const isDescending = order >= 0 && indexOfWord(tokens, 'desc', order) > order;
  return {
    kind: 'select',
    table: tables[0] ?? '',
    tables,
    where: readWhere(reader),
    lock: forAt >= 0 && ['update', 'no'].includes(lower(tokens[forAt + 1])),
    isNewestOnly: isDescending && limit > order && tokens[limit + 1]?.text === '1',
    columns: splitAt(tokens.slice(1, from), ',').map((part) => nameAt(part, 0)),
  };
}

function readInsert(reader: Reader): SqlStatement | undefined {
  const { tokens } = reader;
  const into = indexOfWord(tokens, 'into');
  const tableAt =
    into >= 0 ? into + 1 : tokens.findIndex((token, i) => i > 0 && token.kind === 'word' && lower(token) !== 'ignore');
  const table = nameAt(tokens, tableAt);
  if (table === '') return undefined;
  const values = tokens.findIndex((token) => lower(token) === 'values' || lower(token) === 'value');
  const open = tokens.findIndex((token, index) => index > tableAt && token.text === '(' && token.depth === 0);
  const columns =
    open < 0 || (values >= 0 && open > values) ? [] : listIn(reader, open).map((part) => nameAt(part, part.length - 1));
  const valuesOpen = values < 0 ? -1 : tokens.findIndex((token, index) => index > values && token.text === '(');
  const cells = valuesOpen < 0 ? [] : listIn(reader, valuesOpen);
  const on = indexOfWord(tokens, 'on', tableAt);
  const rest = on < 0 ? [] : tokens.slice(on).map(lower);
  return {
    kind: 'insert',
    table,
    sets: columns.map((column, index) => ({ column, change: undefined, value: operand(reader, cells[index] ?? []) })),
    isIgnoring: lower(tokens[1]) === 'ignore' || rest.includes('nothing'),
    isUpsert: lower(tokens[0]) === 'replace' || rest.includes('update'),
  };
}

function readUpdate(reader: Reader): SqlStatement | undefined {
  const { tokens } = reader;
  const set = indexOfWord(tokens, 'set');
  if (set < 0) return undefined;
  const tableAt = lower(tokens[1]) === 'ignore' || lower(tokens[1]) === 'only' ? 2 : 1;
  const end = tokens.findIndex(
    (token, i) =>
      i > set && token.depth === 0 && ['where', 'returning', 'order', 'limit', 'from'].includes(lower(token)),
  );
  const assignments = splitAt(tokens.slice(set + 1, end < 0 ? tokens.length : end), ',');
  return {
    kind: 'update',
    table: nameAt(tokens, tableAt),
    sets: assignments.flatMap((part) => readSet(reader, part)),
    where: readWhere(reader),
  };
}

function readSet(reader: Reader, part: readonly Token[]): SqlSet[] {
  const equals = part.findIndex((token) => token.text === '=' && token.depth === (part[0]?.depth ?? 0));
  if (equals < 0) return [];
  const column = nameAt(part, 0);
  const value = part.slice(equals + 1);
  const own = value.findIndex(
    (token, index) => token.kind === 'word' && nameAt(value, index) === column && value[index + 1]?.text !== '.',
  );
  const sign = value.findIndex((token) => token.text === '-' || token.text === '+');
  if (own < 0 || sign < 0) return [{ column, change: undefined, value: operand(reader, value) }];
  const amount = own < sign ? value.slice(sign + 1) : value.slice(0, sign);
  return [{ column, change: value[sign]?.text === '-' ? '-' : '+', value: operand(reader, amount) }];
}

function readDelete(reader: Reader): SqlStatement | undefined {
  const from = indexOfWord(reader.tokens, 'from');
  if (from < 0) return undefined;
  return { kind: 'delete', table: nameAt(reader.tokens, from + 1), where: readWhere(reader) };
}

/** Conditions that must all hold; parts with OR say nothing for certain. */
function readWhere(reader: Reader): SqlCondition[] {
  const { tokens } = reader;
  const where = indexOfWord(tokens, 'where');
  if (where < 0) return [];
  const end = tokens.findIndex(
    (token, i) => i > where && token.depth === 0 && (isOneOf(token, AFTER_TABLES) || lower(token) === 'returning'),
  );
  const body = tokens.slice(where + 1, end < 0 ? tokens.length : end);
  if (body.some((token) => token.depth === 0 && lower(token) === 'or')) return [];
  return splitAt(body, 'and').flatMap((part) => readCondition(reader, part));
}

const COMPARISONS = new Set(['=', '>=', '<=', '<', '>', '<>', '!=', 'in', 'is', 'like', 'between', 'not']);

function readCondition(reader: Reader, part: readonly Token[]): SqlCondition[] {
  const at = part.findIndex((token) => COMPARISONS.has(lower(token)));
  if (at < 1) return [];
  const isNot = lower(part[at]) === 'not';
  const op = isNot ? `not ${lower(part[at + 1])}` : lower(part[at]);
  const left = part.slice(0, at);
  return [
    {
      column: nameAt(left, 0) || nameAt(left, left.length - 1),
      op,
      value: operand(reader, part.slice(at + (isNot ? 2 : 1))),
    },
  ];
}

function operand(reader: Reader, part: readonly Token[]): SqlOperand {
  const first = part.find((token) => token.kind !== 'mark' || token.text === '-');
  const literals = part.filter((token) => token.kind === 'string' || token.kind === 'number');
  const moving = part.find((token) => token.kind === 'hole' || token.kind === 'placeholder');
  if (moving?.kind === 'hole') return { kind: 'hole', index: Number(moving.text) };
  if (moving?.kind === 'placeholder') {
    const earlier = reader.tokens
      .slice(0, reader.tokens.indexOf(moving))
      .filter(({ kind }) => kind === 'placeholder').length;
    const numbered = /^\$(\d+)$/.exec(moving.text)?.[1];
    return {
      kind: 'placeholder',
      index: numbered === undefined ? reader.placeholders + earlier : Number(numbered) - 1,
    };
  }
  const [only] = literals;
  if (only !== undefined && literals.length === 1 && part.length <= 3) {
    const sign = first?.text === '-' ? -1 : 1;
    return { kind: 'literal', value: only.kind === 'number' ? sign * Number(only.text) : only.text };
  }
  const word = part.length === 1 ? lower(part[0]) : '';
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' ? 1 : 0 };
  if (word === 'null') return { kind: 'literal', value: null };
  return { kind: 'other' };
}

/** The parts between the brackets that open at `open`. */
function listIn(reader: Reader, open: number): Token[][] {
  const depth = reader.tokens[open]?.depth ?? 0;
  const close = reader.tokens.findIndex((token, index) => index > open && token.text === ')' && token.depth === depth);
  return splitAt(reader.tokens.slice(open + 1, close < 0 ? reader.tokens.length : close), ',');
}

function splitAt(tokens: readonly Token[], word: string): Token[][] {
  const depth = Math.min(...tokens.map((token) => token.depth));
  const parts: Token[][] = [[]];
  let isBetween = false;
  for (const token of tokens) {
    if (lower(token) === 'between') isBetween = true;
    const isSplit = token.depth === depth && lower(token) === word;
    if (isSplit && word === 'and' && isBetween) isBetween = false;
    else if (isSplit) {
      parts.push([]);
      continue;
    }
    parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
