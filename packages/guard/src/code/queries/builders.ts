import { isBuiltin } from 'node:module';
import { bare, calledName, type Node } from '../source/ast.ts';
import { placeOf } from '../project/file-model.ts';
import { readText, stringOf, UNKNOWN, type Value } from '../values/value.ts';
import type { Call } from '../walk/call.ts';
import { evaluate } from '../walk/expressions.ts';
import type { Scope, Walker } from '../walk/walker.ts';
import { readConditions } from './conditions.ts';
import { columnName, newQuery, snake, tableName, type Query } from './query.ts';
import { readSets } from './sets.ts';
import { runQuery } from './send.ts';

type CallNode = Extract<Node, { type: 'CallExpression' }>;

const KYSELY_STARTS: Readonly<Record<string, Query['op']>> = {
  selectFrom: 'select',
  updateTable: 'update',
  insertInto: 'insert',
  replaceInto: 'insert',
  deleteFrom: 'delete',
};

const KNEX_METHODS = new Set(
  'where andWhere orWhere whereIn whereNot whereNotIn whereNull whereNotNull whereRaw whereBetween whereExists select first pluck update insert del delete decrement increment forUpdate forShare orderBy limit returning onConflict transacting join leftJoin innerJoin count sum max min groupBy as then catch column columns distinct having offset skipLocked noWait upsert modify clone with andWhereRaw'.split(
    ' ',
  ),
);
const DRIZZLE_METHODS = new Set([
  'set',
  'values',
  'where',
  'from',
  'returning',
  'onConflictDoNothing',
  'onConflictDoUpdate',
  'onDuplicateKeyUpdate',
]);

/** A call that begins a statement, told by what is called on it next; undefined when it begins none. */
export function startQuery(w: Walker, scope: Scope, written: Node, next: string): Query | undefined {
  const node = bare(written);
  if (node.type !== 'CallExpression') return undefined;
  const callee = bare(node.callee);
  const [first] = node.arguments;
  if (callee.type === 'MemberExpression') {
    const place = placeOf(scope.file, { start: callee.property.start, end: node.end });
    const name = calledName(callee);
    const op = KYSELY_STARTS[name];
    if (op !== undefined && Object.hasOwn(KYSELY_STARTS, name) && first !== undefined) {
      const handle = evaluate(w, scope, callee.object);
      return newQuery({
        flavour: 'kysely',
        handle,
        op,
        table: tableOf(evaluate(w, scope, bareArgument(first))),
        place,
      });
    }
    if (
      DRIZZLE_METHODS.has(next) &&
      (name === 'update' || name === 'insert' || name === 'delete') &&
      first !== undefined &&
      isTableRef(first)
    ) {
      const handle = evaluate(w, scope, callee.object);
      return newQuery({ flavour: 'drizzle', handle, op: name, table: drizzleTable(w, scope, first), place });
    }
    if (next === 'from' && (name === 'select' || name === 'selectDistinct')) {
      const handle = evaluate(w, scope, callee.object);
      return newQuery({ flavour: 'drizzle', handle, op: 'select', table: '', place });
    }
    if ((name === 'from' || name === 'into' || name === 'table') && first !== undefined && isQueryMethod(next)) {
      const table = stringOf(evaluate(w, scope, bareArgument(first)));
      const handle = table === undefined ? UNKNOWN : evaluate(w, scope, callee.object);
      if (table !== undefined && handle.kind !== 'query')
        return newQuery({ flavour: 'knex', handle, op: 'select', table: tableName(table), place });
      return undefined;
    }
  }
  return startKnex(w, scope, { node, callee, next });
}

function isQueryMethod(name: string): boolean {
  return KNEX_METHODS.has(name) || SUPABASE.has(name);
}

const SUPABASE = new Set([
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'match',
  'single',
  'maybeSingle',
  'select',
  'update',
  'insert',
  'upsert',
  'delete',
]);

/** `trx('users').where(…)`. */
function startKnex(
  w: Walker,
  scope: Scope,
  { node, callee, next }: { node: CallNode; callee: Node; next: string },
): Query | undefined {
  const [first] = node.arguments;
  if (first === undefined || node.arguments.length > 2 || !KNEX_METHODS.has(next)) return undefined;
  if (callee.type !== 'Identifier' && callee.type !== 'LogicalExpression' && !isPlainPath(callee)) return undefined;
  const isText =
    first.type === 'Literal'
      ? typeof first.value === 'string'
      : first.type === 'Identifier' || first.type === 'ObjectExpression' || first.type === 'MemberExpression';
  if (!isText) return undefined;
  const handle = evaluate(w, scope, callee);
  if (handle.kind === 'fn' || handle.kind === 'class') return undefined;
  if (handle.kind === 'external' && isBuiltin(handle.source)) return undefined;
  const value = evaluate(w, scope, bareArgument(first));
  const name =
    value.kind === 'object'
      ? [...value.props.values()].map(stringOf).find((each) => each !== undefined)
      : stringOf(value);
  if (name === undefined || !/^[\w.`"]+(?:\s+(?:as\s+)?\w+)?$/i.test(name)) return undefined;
  return newQuery({ flavour: 'knex', handle, op: 'select', table: tableName(name), place: placeOf(scope.file, node) });
}

/** `this.knex`, `ctx.db`: names all the way. */
function isPlainPath(node: Node): boolean {
  if (node.type !== 'MemberExpression') return node.type === 'Identifier' || node.type === 'ThisExpression';
  return !node.computed && isPlainPath(bare(node.object));
}

function bareArgument(node: Node): Node {
  return node.type === 'SpreadElement' ? node.argument : node;
}

function isTableRef(node: Node): boolean {
  return node.type === 'Identifier' || (node.type === 'MemberExpression' && !node.computed);
}

/** The name the schema gives the table, or the one the code does. */
function drizzleTable(w: Walker, scope: Scope, node: Node): string {
  const value = evaluate(w, scope, node);
  if (value.kind === 'external' && value.isMade) {
    const name = value.args.map(stringOf).find((each) => each !== undefined);
    if (name !== undefined) return tableName(name);
  }
  return snake(calledName(node));
}

function tableOf(value: Value): string {
  const only = value.kind === 'list' ? value.items[0] : value;
  return only === undefined ? '' : tableName(readText(only, () => '') ?? '');
}

const SENDING = new Set(['execute', 'executeTakeFirst', 'executeTakeFirstOrThrow', 'stream', 'then']);

/** One more word about a statement in the making. */
export function queryMethod(call: Call, query: Query): Value {
  const { w, name } = call;
  query.place = { ...query.place, end: call.place.end };
  if (SENDING.has(name) && query.flavour !== 'knex')
    return runQuery(w, name.endsWith('OrThrow') ? { ...query, mustFind: true } : query);
  if (name === 'then' || name === 'catch') {
    return runQuery(w, query);
  }
  const next = changed(call, query);
  // Knex changes the statement it is called on; the others make a new one.
  if (query.flavour === 'knex') {
    Object.assign(query, next);
    return { kind: 'query', query };
  }
  return { kind: 'query', query: next };
}

function changed(call: Call, query: Query): Query {
  const { w, scope, name, args, node } = call;
  switch (name) {
    case 'update':
    case 'set':
    case 'doUpdateSet':
      if (name === 'doUpdateSet') return { ...query, isUpsert: true };
      return { ...query, op: query.op === 'insert' ? 'insert' : 'update', sets: [...query.sets, ...readSets(call)] };
    case 'insert':
    case 'values':
    case 'upsert':
      return {
        ...query,
        op: 'insert',
        sets: [...query.sets, ...readSets(call)],
        isUpsert: query.isUpsert || name === 'upsert',
      };
    case 'del':
    case 'delete':
      return { ...query, op: 'delete' };
    case 'decrement':
    case 'increment':
      return { ...query, op: 'update', sets: [...query.sets, ...stepSets(args, name === 'decrement' ? '-' : '+')] };
    case 'forUpdate':
      return { ...query, isLocking: true };
    case 'for':
    case 'setLock':
      return { ...query, isLocking: query.isLocking || /update|pessimistic_write/i.test(stringOf(args[0]) ?? '') };
    case 'orderBy':
    case 'order':
      return { ...query, isDescending: query.isDescending || isDescending(args) };
    case 'limit':
    case 'first':
    case 'take':
      return {
        ...query,
        isLimited: true,
        columns: name === 'first' ? [...query.columns, ...columnsIn(args)] : query.columns,
      };
    case 'select':
    case 'returning':
      return name === 'select' ? { ...query, columns: [...query.columns, ...columnsIn(args)] } : query;
    case 'from':
      return {
        ...query,
        table:
          query.table === '' && node.arguments[0] !== undefined
            ? drizzleTable(w, scope, node.arguments[0])
            : query.table,
      };
    case 'ignore':
    case 'onConflictDoNothing':
    case 'doNothing':
      return { ...query, isIgnoring: true };
    case 'onDuplicateKeyUpdate':
    case 'onConflictDoUpdate':
    case 'merge':
      return { ...query, isUpsert: true };
    case 'transacting':
      return args[0] === undefined ? query : { ...query, handle: args[0] };
    default:
      return withCondition(call, query);
  }
}

function withCondition(call: Call, query: Query): Query {
  const read = readConditions(call);
  if (read === undefined) return query;
  return {
    ...query,
    where: [...query.where, ...read.conditions],
    hasUnreadWhere: query.hasUnreadWhere || read.isUnread,
  };
}

function stepSets(args: readonly Value[], change: '+' | '-'): Query['sets'] {
  const [first, amount = UNKNOWN] = args;
  if (first?.kind === 'object')
    return [...first.props].map(([column, value]) => ({ column: snake(column), change, value }));
  const column = stringOf(first);
  return column === undefined ? [] : [{ column: columnName(column), change, value: amount }];
}

function isDescending(args: readonly Value[]): boolean {
  return args.some(
    (arg) =>
      /^desc$/i.test(stringOf(arg) ?? '') ||
      (arg.kind === 'object' &&
        [...arg.props.values()].some(
          (value) => /desc/i.test(stringOf(value) ?? '') || (value.kind === 'literal' && value.value === false),
        )) ||
      (arg.kind === 'mix' && /^desc$/.test(arg.op)) ||
      (arg.kind === 'external' && arg.path.includes('desc')) ||
      (arg.kind === 'list' && isDescending(arg.items)),
  );
}

function columnsIn(args: readonly Value[]): string[] {
  return args
    .flatMap((arg) => (arg.kind === 'list' ? columnsIn(arg.items) : [columnName(stringOf(arg) ?? '')]))
    .filter((name) => name !== '');
}
