import { bare } from '../source/ast.ts';
import { literal, mix, text, UNDEFINED, UNKNOWN, type FnValue, type Value } from '../values/value.ts';
import { setVariable } from './branch.ts';
import type { Call, CallReader } from './call.ts';
import { elementOf } from './members.ts';
import { invoke } from './functions.ts';
import { fork } from './state.ts';
import { eachOf } from './statements.ts';
import type { Walker } from './walker.ts';

const MAPPING = new Set([
  'map',
  'flatMap',
  'forEach',
  'reduce',
  'reduceRight',
  'some',
  'every',
  'find',
  'findLast',
  'findIndex',
  'filter',
  'sort',
  'toSorted',
  'mapSeries',
  'each',
]);
const KEEPING = new Set([
  'filter',
  'sort',
  'toSorted',
  'reverse',
  'toReversed',
  'slice',
  'flat',
  'values',
  'toSpliced',
  'toArray',
]);
const PICKING = new Set(['find', 'findLast', 'at', 'pop', 'shift', 'next']);
/** A list written out is gone through this far; the rest is alike. */
const MOST_ITEMS = 12;

/** Lists and what is like them: each element is passed on to what is done with it. */
export const readCollection: CallReader = (call) => {
  const { receiver, name, args, w } = call;
  if (receiver === undefined) return undefined;
  if (receiver.kind === 'external' && receiver.source === 'global') return readStatic(call, receiver.path);
  if (!isCollection(receiver)) return undefined;
  const [first] = args;
  if (name === 'entries' && receiver.kind !== 'unknown')
    return { kind: 'list', items: [{ kind: 'list', items: [UNKNOWN, eachOf(receiver)] }] };
  if (MAPPING.has(name) && first?.kind === 'fn') return mapped(w, call, receiver, first);
  if (KEEPING.has(name)) return receiver;
  if (PICKING.has(name))
    return receiver.kind === 'list' && name === 'at'
      ? elementOf(receiver, first?.kind === 'literal' && first.value === 0 ? 0 : receiver.items.length - 1)
      : eachOf(receiver);
  if (receiver.kind === 'list') return readList(call, receiver.items);
  return undefined;
};

function isCollection(value: Value): boolean {
  return ['list', 'rows', 'input', 'unknown', 'mix', 'either'].includes(value.kind);
}

function readStatic({ name, args }: Call, path: readonly string[]): Value | undefined {
  const [first = UNKNOWN] = args;
  if (path[0] === 'Array' && name === 'from') return first;
  if (path[0] === 'Object' && (name === 'values' || name === 'entries') && first.kind === 'object')
    return { kind: 'list', items: [...first.props.values()] };
  if (path[0] === 'Object' && name === 'assign') return args[1] ?? first;
  if (path[0] === 'JSON') return mix('json', args);
  return undefined;
}

function mapped(w: Walker, call: Call, receiver: Value, fn: FnValue): Value {
  const { name, args, place } = call;
  const items = receiver.kind === 'list' ? receiver.items.slice(0, MOST_ITEMS) : [eachOf(receiver)];
  const results: Value[] = [];
  for (const [index, item] of items.entries()) {
    const before = w.state;
    w.state = fork(before);
    const given = name.startsWith('reduce') ? [args[1] ?? UNKNOWN, item, literal(index)] : [item, literal(index)];
    results.push(invoke(w, fn, given, place));
    if (!w.state.isLive) w.state = before;
  }
  switch (name) {
    case 'map':
    case 'mapSeries':
      return { kind: 'list', items: results };
    case 'flatMap':
      return { kind: 'list', items: results.flatMap((value) => (value.kind === 'list' ? value.items : [value])) };
    case 'forEach':
    case 'each':
      return UNDEFINED;
    case 'find':
    case 'findLast':
      return items.length === 1 ? (items[0] ?? UNKNOWN) : eachOf(receiver);
    case 'filter':
    case 'sort':
    case 'toSorted':
      return receiver;
    default:
      return mix(name, [...results, receiver]);
  }
}

function readList({ w, scope, node, name, args }: Call, items: readonly Value[]): Value | undefined {
  switch (name) {
    case 'join': {
      const separator = args[0]?.kind === 'literal' ? String(args[0].value) : ',';
      return text(items.flatMap((item, index) => (index === 0 ? [item] : [separator, item])));
    }
    case 'concat':
      return { kind: 'list', items: [...items, ...args.flatMap((arg) => (arg.kind === 'list' ? arg.items : [arg]))] };
    case 'push':
    case 'unshift': {
      const callee = node.type === 'CallExpression' ? bare(node.callee) : node;
      const target = callee.type === 'MemberExpression' ? bare(callee.object) : callee;
      const home = target.type === 'Identifier' ? scope.env.home(target.name) : undefined;
      if (target.type === 'Identifier' && home !== undefined && items.length < 200)
        setVariable(w, home, target.name, {
          kind: 'list',
          items: name === 'push' ? [...items, ...args] : [...args, ...items],
        });
      return UNKNOWN;
    }
    case 'includes':
    case 'indexOf':
    case 'keys':
      return mix(name, [...items, ...args]);
    default:
      return undefined;
  }
}
