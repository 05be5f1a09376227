import { holeMark } from '../sql/tokens.ts';
import { readSql } from '../sql/read-sql.ts';
import { holesOf, literal, readText, stringOf, UNKNOWN, type Value } from '../values/value.ts';
import type { Call } from '../walk/call.ts';
import { invoke } from '../walk/functions.ts';
import { columnName, snake, type Condition } from './query.ts';

export type ReadConditions = { readonly conditions: readonly Condition[]; readonly isUnread: boolean };
const UNREAD: ReadConditions = { conditions: [], isUnread: true };

const WHERE = new Set(['where', 'andWhere', 'whereRef', 'match', 'having']);
const SUPABASE_OPS: Readonly<Record<string, string>> = {
  eq: '=',
  neq: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  in: 'in',
  is: 'is',
};

/** What a condition method asks for; undefined when the method is none. */
export function readConditions(call: Call): ReadConditions | undefined {
  const { name, args } = call;
  const [first, second, third] = args;
  if (WHERE.has(name)) return readWhere(call);
  const column = columnName(stringOf(first) ?? '');
  const one = (op: string, value: Value = UNKNOWN): ReadConditions =>
    column === '' ? UNREAD : { conditions: [{ column, op, value }], isUnread: false };
  switch (name) {
    case 'whereIn':
      return one('in', second);
    case 'whereNot':
      return first?.kind === 'object' ? UNREAD : one('!=', second);
    case 'whereNotIn':
      return one('not in', second);
    case 'whereNull':
      return one('is', literal(null));
    case 'whereNotNull':
      return one('is not', literal(null));
    case 'whereBetween':
      return one('between', second);
    case 'whereRaw':
    case 'andWhereRaw':
      return readRaw(first ?? UNKNOWN, second?.kind === 'list' ? second.items : []);
    case 'orWhere':
    case 'whereExists':
    case 'or':
      return UNREAD;
    default: {
      const op = SUPABASE_OPS[name];
      return op !== undefined && Object.hasOwn(SUPABASE_OPS, name) && column !== ''
        ? one(op, third ?? second)
        : undefined;
    }
  }
}

function readWhere(call: Call): ReadConditions {
  const { w, args, place } = call;
  const [first, second, third] = args;
  if (first === undefined) return UNREAD;
  if (first.kind === 'fn') {
    const builder: Value = { kind: 'external', source: 'eb', path: [], isMade: true, args: [] };
    return readExpressionCondition(invoke(w, first, [builder], place));
  }
  const column = stringOf(first);
  if (column === undefined) return readExpressionCondition(first);
  if (third !== undefined)
    return {
      conditions: [{ column: columnName(column), op: (stringOf(second) ?? '=').toLowerCase(), value: third }],
      isUnread: false,
    };
  if (second !== undefined)
    return { conditions: [{ column: columnName(column), op: '=', value: second }], isUnread: false };
  return readRaw(first, []);
}

/** An object of equalities, a condition built by functions such as `and(eq(…), gte(…))`, or a piece of SQL. */
export function readExpressionCondition(value: Value): ReadConditions {
  switch (value.kind) {
    case 'object': {
      const conditions = [...value.props].flatMap(([name, part]) => objectCondition(snake(name), part));
      return { conditions, isUnread: value.isOpen };
    }
    case 'list':
      return merge(value.items.map(readExpressionCondition));
    case 'either':
      return UNREAD;
    case 'mix':
      return mixCondition(value.op, value.of);
    case 'external':
      return externalCondition(value.path, value.args);
    default:
      return UNREAD;
  }
}

function merge(parts: readonly ReadConditions[]): ReadConditions {
  return { conditions: parts.flatMap((part) => part.conditions), isUnread: parts.some((part) => part.isUnread) };
}

const OBJECT_OPS: Readonly<Record<string, string>> = {
  gte: '>=',
  gt: '>',
  lte: '<=',
  lt: '<',
  equals: '=',
  in: 'in',
  not: '!=',
  $gte: '>=',
  $gt: '>',
  $lte: '<=',
  $lt: '<',
  $in: 'in',
  $ne: '!=',
  $eq: '=',
};

function objectCondition(column: string, value: Value): Condition[] {
  if (column === 'and' && value.kind === 'list') return [...merge(value.items.map(readExpressionCondition)).conditions];
  if (value.kind !== 'object') return [{ column, op: '=', value }];
  return [...value.props].flatMap(([key, part]) => {
    const op = Object.hasOwn(OBJECT_OPS, key) ? OBJECT_OPS[key] : undefined;
    return op === undefined ? [] : [{ column, op, value: part }];
  });
}

function mixCondition(op: string, of: readonly Value[]): ReadConditions {
  if (op === 'eb') {
    const [column, sign, value = UNKNOWN] = of;
    return {
      conditions: [{ column: columnName(stringOf(column) ?? ''), op: stringOf(sign) ?? '=', value }],
      isUnread: false,
    };
  }
  if (op === 'sql' || op === 'raw') return readRaw(of[0] ?? UNKNOWN, of.slice(2));
  return functionCondition(op, of);
}

function externalCondition(path: readonly string[], args: readonly Value[]): ReadConditions {
  return functionCondition(path.at(-1) ?? '', args);
}

const FUNCTION_OPS: Readonly<Record<string, string>> = {
  eq: '=',
  gte: '>=',
  gt: '>',
  lte: '<=',
  lt: '<',
  ne: '!=',
  inArray: 'in',
  isNull: 'is',
};

/** Drizzle's `eq(users.id, id)`. */
function functionCondition(name: string, args: readonly Value[]): ReadConditions {
  if (name === 'and') return merge(args.map(readExpressionCondition));
  const op = Object.hasOwn(FUNCTION_OPS, name) ? FUNCTION_OPS[name] : undefined;
  const [left, right = literal(null)] = args;
  if (op === undefined || left === undefined) return UNREAD;
  const column =
    left.kind === 'external'
      ? left.path.at(-1)
      : left.kind === 'mix'
        ? left.op
        : left.kind === 'input'
          ? left.path.at(-1)
          : undefined;
  return column === undefined ? UNREAD : { conditions: [{ column: snake(column), op, value: right }], isUnread: false };
}

function readRaw(sql: Value, params: readonly Value[]): ReadConditions {
  const holes = holesOf(sql);
  const text = readText(sql, holeMark);
  if (text === undefined) return UNREAD;
  const statement = readSql(`DELETE FROM t WHERE ${text}`)[0]?.statement;
  if (statement?.kind !== 'delete') return UNREAD;
  const conditions = statement.where.map(({ column, op, value }) => ({
    column,
    op,
    value:
      value.kind === 'hole'
        ? (holes[value.index] ?? UNKNOWN)
        : value.kind === 'literal'
          ? literal(value.value)
          : value.kind === 'placeholder'
            ? (params[value.index] ?? UNKNOWN)
            : UNKNOWN,
  }));
  return { conditions, isUnread: conditions.length === 0 };
}
