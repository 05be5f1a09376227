import { holeMark } from '../sql/tokens.ts';
import { readSql } from '../sql/read-sql.ts';
import { holesOf, literal, readText, stringOf, UNKNOWN, type Value } from '../values/value.ts';
import type { Call } from '../walk/call.ts';
import { invoke } from '../walk/functions.ts';
import { columnName, snake, type SetPart } from './query.ts';

/** What `set`, `values`, `update` or `insert` is given. */
export function readSets(call: Call): SetPart[] {
  const { w, args, place } = call;
  const [first, second] = args;
  if (first?.kind === 'fn') {
    const builder: Value = { kind: 'external', source: 'eb', path: [], isMade: true, args: [] };
    return setsOf(invoke(w, first, [builder], place));
  }
  const column = stringOf(first);
  if (column !== undefined && second !== undefined) return [setOf(columnName(column), second)];
  return first === undefined ? [] : setsOf(first);
}

/** The columns of an object, or of the rows of a list. */
export function setsOf(value: Value): SetPart[] {
  switch (value.kind) {
    case 'object':
      return [...value.props].flatMap(([name, part]) =>
        part.kind === 'literal' && part.value === undefined ? [] : [setOf(snake(name), part)],
      );
    case 'list':
      return value.items.flatMap(setsOf);
    case 'either':
      return value.options.flatMap((option) => setsOf(option.value));
    default:
      return [];
  }
}

/** One column: its own value changed by the database, or a value that is put there. */
function setOf(column: string, value: Value): SetPart {
  const step = ownStep(column, value);
  return step ?? { column, change: undefined, value };
}

/** `sql`balance - 1``, `eb('balance', '-', 1)`, `{ decrement: 1 }`, `knex.raw('balance - ?', [1])`. */
function ownStep(column: string, value: Value): SetPart | undefined {
  if (value.kind === 'object') {
    for (const [key, change] of [
      ['decrement', '-'],
      ['increment', '+'],
    ] as const) {
      const amount = value.props.get(key);
      if (amount !== undefined) return { column, change, value: amount };
    }
    return undefined;
  }
  if (value.kind !== 'mix') return undefined;
  if (value.op === 'eb') {
    const [left, op, amount = UNKNOWN] = value.of;
    const sign = stringOf(op);
    return columnName(stringOf(left) ?? '') === column && (sign === '+' || sign === '-')
      ? { column, change: sign, value: amount }
      : undefined;
  }
  if (value.op === 'sql' || value.op === 'raw') return sqlStep(column, value.of);
  return undefined;
}

function sqlStep(column: string, [sql = UNKNOWN, , ...params]: readonly Value[]): SetPart | undefined {
  const holes = holesOf(sql);
  const text = readText(sql, (index) => columnRef(holes[index]) ?? holeMark(index));
  if (text === undefined) return undefined;
  const [statement] = readSql(`UPDATE t SET ${column} = ${text}`);
  if (statement?.statement.kind !== 'update') return undefined;
  const [set] = statement.statement.sets;
  if (set?.change === undefined) return undefined;
  const { value } = set;
  const amount =
    value.kind === 'hole'
      ? holes[value.index]
      : value.kind === 'literal'
        ? literal(value.value)
        : params[value.kind === 'placeholder' ? value.index : 0];
  return { column, change: set.change, value: amount ?? UNKNOWN };
}

/** A column of the schema put into a template by its object: `${users.credits}`. */
function columnRef(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.kind === 'mix' && value.op === 'ref') return columnName(stringOf(value.of[0]) ?? '');
  if (value.kind === 'column') return undefined;
  const name = value.kind === 'external' && value.path.length > 1 ? value.path.at(-1) : undefined;
  return name === undefined ? undefined : snake(name);
}
