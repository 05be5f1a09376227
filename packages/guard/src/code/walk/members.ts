import { keyName } from '../source/ast.ts';
import { snake } from '../queries/query.ts';
import { memberType } from '../project/types.ts';
import {
  literal,
  mix,
  UNDEFINED,
  UNKNOWN,
  type ClassValue,
  type InputValue,
  type RowsValue,
  type Value,
} from '../values/value.ts';
import { evaluate } from './expressions.ts';
import { scopeOf } from './scope.ts';
import type { Scope, Walker } from './walker.ts';

/** `object.name`. */
export function memberOf(w: Walker, scope: Scope, object: Value, name: string): Value {
  switch (object.kind) {
    case 'object':
      if (name === '[]') return mix('lookup', [...object.props.values()]);
      return object.props.get(name) ?? (object.isOpen ? UNKNOWN : UNDEFINED);
    case 'instance':
      return object.props.get(name) ?? classMember(w, object.of, { name, self: object, isStatic: false });
    case 'class':
      return classMember(w, object, { name, self: object, isStatic: true });
    case 'module':
      return w.project.exportOf(object.file, name);
    case 'external':
      return { ...object, path: [...object.path, name] };
    case 'input':
      return inputMember(object, name);
    case 'rows':
      return rowsMember(object, name);
    case 'count':
    case 'tx':
    case 'query':
      return object;
    case 'list':
      return name === 'length'
        ? mix('length', object.items)
        : /^\d+$/.test(name)
          ? elementOf(object, Number(name))
          : mix(name, [object]);
    case 'either':
      return {
        kind: 'either',
        options: object.options.map(({ value, facts }) => ({ value: memberOf(w, scope, value, name), facts })),
      };
    case 'literal':
      return typeof object.value === 'string' && name === 'length' ? literal(object.value.length) : UNKNOWN;
    case 'unknown':
    case 'fn':
      return UNKNOWN;
    default:
      return mix(name, [object]);
  }
}

function inputMember(object: InputValue, name: string): Value {
  return { ...object, path: [...object.path, name], type: memberType(object.type, name) };
}

/** Names that lead from an answer of the driver to its rows. */
const ROWS_WITHIN = new Set(['rows', 'data', 'recordset', '0', '[]', 'dataValues']);
const COUNT_OF_ROWS = new Set(['length', 'rowCount', 'affectedRows', 'count', 'changes', 'numUpdatedRows', 'size']);

function rowsMember(rows: RowsValue, name: string): Value {
  if (ROWS_WITHIN.has(name) || /^\d+$/.test(name)) return rows;
  if (COUNT_OF_ROWS.has(name)) return { kind: 'count', result: rows.result };
  return (
    rows.changes.get(name) ??
    rows.changes.get(snake(name)) ?? { kind: 'column', result: rows.result, column: snake(name) }
  );
}

type Wanted = { readonly name: string; readonly self: Value; readonly isStatic: boolean };

export function classMember(w: Walker, of: ClassValue, wanted: Wanted): Value {
  const { name, self, isStatic } = wanted;
  for (const member of of.node.body.body) {
    if (
      member.type === 'MethodDefinition' &&
      member.static === isStatic &&
      keyName(member.key, member.computed) === name
    ) {
      if (member.value.body === null || member.kind === 'get' || member.kind === 'set') continue;
      return { kind: 'fn', node: member.value, env: of.env, file: of.file, name, self };
    }
    if (
      member.type === 'PropertyDefinition' &&
      member.static === isStatic &&
      keyName(member.key, member.computed) === name &&
      member.value !== null
    )
      return evaluate(w, scopeOf(of.file, of.env, { self }), member.value);
  }
  const parent = of.node.superClass === null ? undefined : evaluate(w, scopeOf(of.file, of.env), of.node.superClass);
  return parent?.kind === 'class' ? classMember(w, parent, wanted) : UNKNOWN;
}

/** One element: rows and inputs stand for each of theirs. */
export function elementOf(value: Value, index: number): Value {
  switch (value.kind) {
    case 'list':
      return (
        value.items[index] ??
        (value.items.length > 0 && value.items.length < 2 ? (value.items[0] ?? UNKNOWN) : UNDEFINED)
      );
    case 'rows':
    case 'count':
      return value;
    case 'input':
      return { ...value, path: [...value.path, String(index)] };
    case 'either':
      return {
        kind: 'either',
        options: value.options.map((option) => ({ ...option, value: elementOf(option.value, index) })),
      };
    case 'mix':
      return value;
    default:
      return UNKNOWN;
  }
}
