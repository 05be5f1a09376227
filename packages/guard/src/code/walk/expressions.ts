import { bare, isFunction, keyName, type Node } from '../source/ast.ts';
import { placeOf, type Place } from '../project/file-model.ts';
import { literal, mix, text, UNDEFINED, UNKNOWN, type Value } from '../values/value.ts';
import { runQuery, sendSql } from '../queries/send.ts';
import { looksLikeSql } from '../sql/read-sql.ts';
import { assign, computedAssignment } from './assign.ts';
import { branch, joined } from './branch.ts';
import { evaluateCall, evaluateNew } from './calls.ts';
import { makeClass, makeFunction } from './functions.ts';
import { memberOf } from './members.ts';
import { evaluateObject } from './objects.ts';
import { addFacts, common, unite } from './state.ts';
import { evaluateTagged } from './tagged.ts';
import { compared, factsOf, negated, noteCheck, truthOf } from './tests.ts';
import { emit, type Scope, type Walker } from './walker.ts';

/** What an expression gives, with everything that happens on the way. */
export function evaluate(w: Walker, scope: Scope, written: Node): Value {
  w.stepsLeft -= 1;
  if (w.stepsLeft < 0 || !w.state.isLive) return UNKNOWN;
  const node = bare(written);
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' && looksLikeSql(node.value)
        ? { kind: 'literal', value: node.value, place: placeOf(scope.file, node) }
        : literalOf(node.value);
    case 'TemplateLiteral':
      return template(w, scope, node);
    case 'Identifier':
      return node.name === 'undefined' ? UNDEFINED : (scope.env.get(node.name) ?? globalOf(node.name));
    case 'ThisExpression':
      return scope.self ?? UNKNOWN;
    case 'MemberExpression': {
      const object = evaluate(w, scope, node.object);
      const name = keyName(node.property, node.computed);
      if (name === undefined) evaluate(w, scope, node.property);
      return memberOf(w, scope, object, name ?? '[]');
    }
    case 'CallExpression':
      return evaluateCall(w, scope, node);
    case 'NewExpression':
      return evaluateNew(w, scope, node);
    case 'AwaitExpression':
      return settle(w, evaluate(w, scope, node.argument), placeOf(scope.file, node.argument));
    case 'YieldExpression':
      return node.argument === null
        ? UNKNOWN
        : settle(w, evaluate(w, scope, node.argument), placeOf(scope.file, node.argument));
    case 'ObjectExpression': {
      const object = evaluateObject(w, scope, node);
      if (object.kind === 'object') emit(w, { kind: 'object', props: object.props, place: placeOf(scope.file, node) });
      return object;
    }
    case 'ArrayExpression':
      return { kind: 'list', items: elements(w, scope, node.elements) };
    case 'TaggedTemplateExpression':
      return evaluateTagged(w, scope, node);
    default:
      return isFunction(node) ? makeFunction(w, scope, node) : evaluateOther(w, scope, node);
  }
}

function evaluateOther(w: Walker, scope: Scope, node: Node): Value {
  switch (node.type) {
    case 'BinaryExpression':
      return binary(w, scope, node);
    case 'LogicalExpression':
      return logical(w, scope, node);
    case 'UnaryExpression':
      return unary(w, scope, node);
    case 'ConditionalExpression':
      return conditional(w, scope, node);
    case 'AssignmentExpression':
      return assignment(w, scope, node);
    case 'UpdateExpression': {
      const value = mix(node.operator.slice(0, 1), [evaluate(w, scope, node.argument), literal(1)]);
      assign(w, scope, node.argument, value);
      return value;
    }
    case 'SequenceExpression':
      return node.expressions.map((each) => evaluate(w, scope, each)).at(-1) ?? UNKNOWN;
    case 'ClassExpression':
      return makeClass(w, scope, node);
    case 'SpreadElement':
      return evaluate(w, scope, node.argument);
    case 'ImportExpression': {
      const source = evaluate(w, scope, node.source);
      return source.kind === 'literal' ? w.project.importValue(scope.file, String(source.value), '*') : UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

function literalOf(value: unknown): Value {
  if (typeof value === 'bigint') return literal(Number(value));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return literal(value);
  return UNKNOWN;
}

/** Names that every program knows. */
function globalOf(name: string): Value {
  return GLOBALS.has(name) ? { kind: 'external', source: 'global', path: [name], isMade: false, args: [] } : UNKNOWN;
}

const GLOBALS = new Set([
  'fetch',
  'console',
  'process',
  'crypto',
  'Promise',
  'Number',
  'String',
  'Boolean',
  'BigInt',
  'Math',
  'Date',
  'Object',
  'Array',
  'JSON',
  'parseInt',
  'parseFloat',
  'Buffer',
  'setTimeout',
  'setImmediate',
  'setInterval',
  'queueMicrotask',
  'globalThis',
]);

type Of<T extends Node['type']> = Extract<Node, { type: T }>;

function template(w: Walker, scope: Scope, node: Of<'TemplateLiteral'>): Value {
  const [first] = node.quasis;
  const parts: (string | Value)[] = looksLikeSql(first?.value.cooked ?? '')
    ? [{ kind: 'literal', value: '', place: placeOf(scope.file, node) }]
    : [];
  for (const [index, quasi] of node.quasis.entries()) {
    parts.push(quasi.value.cooked ?? quasi.value.raw);
    const hole = node.expressions[index];
    if (hole !== undefined) parts.push(evaluate(w, scope, hole));
  }
  return text(parts);
}

/** Elements of a list; what is spread into it stands for itself. */
export function elements(w: Walker, scope: Scope, nodes: readonly (Node | null)[]): Value[] {
  const values: Value[] = [];
  for (const node of nodes) {
    if (node === null) values.push(UNDEFINED);
    else if (node.type === 'SpreadElement') values.push(...spreadItems(evaluate(w, scope, node.argument)));
    else values.push(evaluate(w, scope, node));
  }
  return values;
}

/** Of several lists the longest says most. */
function spreadItems(value: Value): readonly Value[] {
  if (value.kind === 'list') return value.items;
  if (value.kind !== 'either') return [value];
  const lists = value.options.flatMap((option) => (option.value.kind === 'list' ? [option.value.items] : []));
  return lists.toSorted((one, other) => other.length - one.length)[0] ?? [value];
}

/** What is awaited, or stands alone: a statement that is only built is sent now. */
export function settle(w: Walker, value: Value, place: Place): Value {
  if (value.kind === 'query') return value.query.flavour === 'kysely' ? value : runQuery(w, value.query);
  if (value.kind === 'list') return { kind: 'list', items: value.items.map((item) => settle(w, item, place)) };
  if (value.kind === 'mix' && value.op === 'sql') {
    const [sql = UNKNOWN, handle = UNKNOWN] = value.of;
    return sendSql(w, { sql, handle, params: [], place, isSafe: true });
  }
  return value;
}

function binary(w: Walker, scope: Scope, node: Of<'BinaryExpression'>): Value {
  if (node.left.type === 'PrivateIdentifier') return UNKNOWN;
  const left = evaluate(w, scope, node.left);
  const right = evaluate(w, scope, node.right);
  if (COMPARING.has(node.operator)) return compared(w, node.operator, left, right);
  if (node.operator === 'in' && left.kind === 'literal') return hasProperty(String(left.value), right);
  if (node.operator !== '+') return mix(node.operator, [left, right]);
  const isText = [left, right].some(
    (side) => side.kind === 'text' || (side.kind === 'literal' && typeof side.value === 'string'),
  );
  return isText ? text([left, right]) : mix('+', [left, right]);
}

const COMPARING = new Set(['===', '==', '!==', '!=', '<', '>', '<=', '>=']);

/** `'refusal' in outcome`: which of a function's results it can be. */
function hasProperty(name: string, value: Value): Value {
  if (value.kind !== 'either') return mix('in', [value]);
  const has = value.options.filter((option) => option.value.kind === 'object' && option.value.props.has(name));
  const hasNot = value.options.filter((option) => !has.includes(option));
  const shared = (options: typeof has) =>
    options.map(({ facts }) => facts).reduce((all, facts) => common(all, facts), options[0]?.facts ?? new Map());
  return { kind: 'test', whenTrue: shared(has), whenFalse: shared(hasNot), of: [value] };
}

function logical(w: Walker, scope: Scope, node: Of<'LogicalExpression'>): Value {
  const left = evaluate(w, scope, node.left);
  const known = factsOf(w, left);
  let right: Value = UNKNOWN;
  branch(
    w,
    () => {
      if (node.operator !== '??') addFacts(w.state, node.operator === '&&' ? known.whenTrue : known.whenFalse);
      right = evaluate(w, scope, node.right);
    },
    () => {
      if (node.operator !== '??') addFacts(w.state, node.operator === '&&' ? known.whenFalse : known.whenTrue);
    },
  );
  const after = factsOf(w, right);
  const of = [left, right];
  if (node.operator === '??' || isPlain(left)) return firstOf(node.operator, left, right);
  return node.operator === '&&'
    ? {
        kind: 'test',
        whenTrue: unite(known.whenTrue, after.whenTrue),
        whenFalse: common(known.whenFalse, after.whenFalse),
        of,
      }
    : {
        kind: 'test',
        whenTrue: common(known.whenTrue, after.whenTrue),
        whenFalse: unite(known.whenFalse, after.whenFalse),
        of,
      };
}

/** Handles, objects and texts are chosen by `||`, not tested by it. */
function isPlain(value: Value): boolean {
  return (
    ['tx', 'object', 'external', 'instance', 'fn', 'literal', 'text', 'list'].includes(value.kind) ||
    (value.kind === 'input' && !value.isRequest)
  );
}

function firstOf(operator: string, left: Value, right: Value): Value {
  const isNothing =
    left.kind === 'literal' &&
    (operator === '??' ? left.value === undefined || left.value === null : truthOf(left) === (operator === '&&'));
  if (isNothing) return right;
  if (left.kind === 'tx' || left.kind === 'literal') return operator === '&&' && left.kind === 'tx' ? right : left;
  if (left.kind === 'unknown') return right.kind === 'literal' ? UNKNOWN : right;
  const both = joined(left, right);
  return both.kind === 'lazy' ? left : both;
}

function unary(w: Walker, scope: Scope, node: Of<'UnaryExpression'>): Value {
  const value = evaluate(w, scope, node.argument);
  if (node.operator === 'void') return UNDEFINED;
  if (node.operator === '!') {
    const truth = truthOf(value);
    return truth === undefined || value.kind !== 'literal' ? negated(factsOf(w, value), [value]) : literal(!truth);
  }
  if (node.operator === '-' && value.kind === 'literal' && typeof value.value === 'number')
    return literal(-value.value);
  return node.operator === 'typeof' ? UNKNOWN : mix(`unary${node.operator}`, [value]);
}

function conditional(w: Walker, scope: Scope, node: Of<'ConditionalExpression'>): Value {
  w.choices.push(node.test);
  const test = evaluate(w, scope, node.test);
  const known = factsOf(w, test);
  let one: Value = UNKNOWN;
  let other: Value = UNKNOWN;
  branch(
    w,
    () => {
      addFacts(w.state, known.whenTrue);
      one = evaluate(w, scope, node.consequent);
      if (!w.state.isLive) noteCheck(w, { node: node.test, value: test, scope });
    },
    () => {
      addFacts(w.state, known.whenFalse);
      other = evaluate(w, scope, node.alternate);
    },
  );
  if (one === other) return one;
  const options = [
    { value: one, facts: known.whenTrue },
    { value: other, facts: known.whenFalse },
  ].flatMap(({ value, facts }) =>
    value.kind === 'either'
      ? value.options.map((option) => ({ value: option.value, facts: unite(option.facts, facts) }))
      : [{ value, facts }],
  );
  return { kind: 'either', options: options.slice(0, 8) };
}

function assignment(w: Walker, scope: Scope, node: Of<'AssignmentExpression'>): Value {
  const right = evaluate(w, scope, node.right);
  if (node.operator === '=') {
    assign(w, scope, node.left, right);
    return right;
  }
  const left = evaluate(w, scope, node.left);
  const value = ['??=', '||=', '&&='].includes(node.operator)
    ? firstOf('??', left, right)
    : computedAssignment(node.operator, left, right);
  assign(w, scope, node.left, value);
  return value;
}
