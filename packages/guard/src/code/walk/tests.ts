import { childrenOf, keyName, type Node } from '../source/ast.ts';
import { placeOf, type Place } from '../project/file-model.ts';
import type { Result } from '../queries/query.ts';
import { originsOf, type ColumnValue, type Value } from '../values/value.ts';
import { common, MAY, NO_FACTS, unite, type Fact, type Facts } from './state.ts';
import { emit, type Scope, type Walker } from './walker.ts';

type Known = { readonly whenTrue: Facts; readonly whenFalse: Facts };
const NOTHING: Known = { whenTrue: NO_FACTS, whenFalse: NO_FACTS };

/** What is known when the value is true, and when it is not. */
export function factsOf(w: Walker, value: Value): Known {
  switch (value.kind) {
    case 'test':
      return value;
    case 'count':
    case 'rows':
      return { whenTrue: found(value.result), whenFalse: lost(value.result) };
    case 'column': {
      const tested = testedColumn(value);
      return { whenTrue: tested, whenFalse: unite(tested, fact(`no:${nameOf(value)}`, value)) };
    }
    case 'either':
      return among(
        value.options.map((option) => ({ option, truth: truthOf(option.value), inside: factsOf(w, option.value) })),
      );
    case 'mix': {
      const tested = originsOf(value).reduce<Facts>(
        (all, part) => (part.kind === 'column' ? unite(all, testedColumn(part)) : all),
        NO_FACTS,
      );
      return { whenTrue: tested, whenFalse: tested };
    }
    default:
      return NOTHING;
  }
}

type Option = {
  readonly option: { readonly facts: Facts };
  readonly truth: boolean | undefined;
  readonly inside: Known;
};

function among(options: readonly Option[]): Known {
  const sides = (side: boolean): Facts => {
    const possible = options.filter(({ truth }) => truth !== !side);
    return (
      possible
        .map(({ option, inside }) => unite(option.facts, side ? inside.whenTrue : inside.whenFalse))
        .reduce<Facts | undefined>((all, facts) => (all === undefined ? facts : common(all, facts)), undefined) ??
      NO_FACTS
    );
  };
  return { whenTrue: sides(true), whenFalse: sides(false) };
}

/** Undefined: it may be either. */
export function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'literal':
      return Boolean(value.value);
    case 'object':
    case 'list':
    case 'fn':
    case 'class':
    case 'instance':
    case 'tx':
      return true;
    default:
      return undefined;
  }
}

export function negated({ whenTrue, whenFalse }: Known, of: readonly Value[]): Value {
  return { kind: 'test', whenTrue: whenFalse, whenFalse: whenTrue, of };
}

/** Compares two values; what is learned depends on the operator. */
export function compared(w: Walker, op: string, left: Value, right: Value): Value {
  const of = [left, right];
  noteCompared(w, op, of);
  const flipped = FLIPPED.get(op);
  const known =
    compareWith(w, op, left, right) ?? (flipped === undefined ? undefined : compareWith(w, flipped, right, left));
  return { kind: 'test', ...(known ?? columnsTested(of)), of };
}

function noteCompared(w: Walker, op: string, sides: readonly Value[]): void {
  for (const side of sides)
    if (side.kind === 'column')
      emit(w, { kind: 'compare', result: side.result, column: side.column, op, place: side.result.query.place });
}

const FLIPPED = new Map([
  ['===', '==='],
  ['==', '=='],
  ['!==', '!=='],
  ['!=', '!='],
  ['<', '>'],
  ['>', '<'],
  ['<=', '>='],
  ['>=', '<='],
]);

function compareWith(w: Walker, op: string, left: Value, right: Value): Known | undefined {
  if (left.kind === 'count' || (left.kind === 'mix' && left.op === 'length')) return countCompared(op, left, right);
  if (left.kind === 'either' && right.kind === 'literal') return eitherCompared(w, op, left.options, right.value);
  if (left.kind === 'rows' && right.kind === 'literal' && (right.value === undefined || right.value === null)) {
    const facts = found(left.result);
    return isEquality(op) ? { whenTrue: NO_FACTS, whenFalse: facts } : { whenTrue: facts, whenFalse: NO_FACTS };
  }
  if (left.kind !== 'column') return undefined;
  const tested = unite(testedColumn(left), right.kind === 'column' ? testedColumn(right) : NO_FACTS);
  const no = fact(`no:${nameOf(left)}`, left);
  const enough = fact(`enough:${nameOf(left)}`, left);
  const isFalsy = right.kind === 'literal' && !right.value;
  switch (op) {
    case '===':
    case '==':
      return {
        whenTrue: isFalsy ? unite(tested, no) : tested,
        whenFalse: right.kind === 'literal' && right.value === true ? unite(tested, no) : tested,
      };
    case '!==':
    case '!=':
      return { whenTrue: tested, whenFalse: isFalsy ? unite(tested, no) : tested };
    case '<':
    case '<=':
      return { whenTrue: tested, whenFalse: unite(tested, enough) };
    case '>':
    case '>=':
      return { whenTrue: unite(tested, enough), whenFalse: tested };
    default:
      return undefined;
  }
}

function isEquality(op: string): boolean {
  return op === '===' || op === '==';
}

function countCompared(op: string, left: Value, right: Value): Known {
  const [result] = originsOf(left).flatMap((part) =>
    part.kind === 'count' || part.kind === 'rows' ? [part.result] : [],
  );
  if (result === undefined) return NOTHING;
  const facts = found(result);
  const isNone = right.kind === 'literal' && (right.value === 0 || (op === '<' && right.value === 1));
  const isSomeWhenTrue = isEquality(op) ? !isNone : op === '!==' || op === '!=' ? isNone : op === '>' || op === '>=';
  return isSomeWhenTrue ? { whenTrue: facts, whenFalse: lost(result) } : { whenTrue: lost(result), whenFalse: facts };
}

type Options = readonly { readonly value: Value; readonly facts: Facts }[];

/** Which of a function's results these can be, tells where they were returned. */
function eitherCompared(w: Walker, op: string, options: Options, wanted: unknown): Known | undefined {
  const list = options.map(({ value, facts }) => {
    const truth =
      value.kind === 'literal' ? value.value === wanted : isNothing(wanted) && isSomething(value) ? false : undefined;
    return { option: { facts }, truth, inside: truth === undefined ? comparedInside(w, value) : NOTHING };
  });
  const { whenTrue, whenFalse } = among(list);
  if (op === '===' || op === '==') return { whenTrue, whenFalse };
  return op === '!==' || op === '!=' ? { whenTrue: whenFalse, whenFalse: whenTrue } : undefined;
}

function comparedInside(w: Walker, value: Value): Known {
  const known = value.kind === 'rows' ? NOTHING : factsOf(w, { kind: 'mix', op: 'compare', of: [value] });
  return known;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isSomething(value: Value): boolean {
  return (
    value.kind !== 'unknown' &&
    value.kind !== 'rows' &&
    value.kind !== 'input' &&
    value.kind !== 'literal' &&
    value.kind !== 'column'
  );
}

function columnsTested(values: readonly Value[]): Known {
  const tested = values
    .flatMap(originsOf)
    .reduce<Facts>((all, part) => (part.kind === 'column' ? unite(all, testedColumn(part)) : all), NO_FACTS);
  return { whenTrue: tested, whenFalse: tested };
}

function nameOf({ result, column }: ColumnValue): string {
  return `${result.query.table}.${column}`;
}

function fact(key: string, { result }: ColumnValue): Facts {
  return new Map([[key, factAbout(result)]]);
}

function testedColumn(column: ColumnValue): Facts {
  return fact(`tested:${nameOf(column)}`, column);
}

/** `note`: how far the row can have changed since: a write won it, or it was read under a lock. */
function factAbout(result: Result): Fact {
  const note = result.query.op === 'select' ? (result.isUnderLock ? 'locked' : '') : 'won';
  return { place: result.query.place, frame: result.frame, note };
}

/** A row was there, or was changed: so it was as the conditions ask. */
export function found(result: Result): Facts {
  const facts = new Map<string, Fact>([[`found:${result.id}`, { ...factAbout(result), result }]]);
  const { table, where } = result.query;
  for (const { column, op, value } of where) {
    facts.set(`tested:${table}.${column}`, factAbout(result));
    const isFalsy = value.kind === 'literal' && !value.value;
    if (isFalsy && (op === '=' || op === 'is')) facts.set(`no:${table}.${column}`, factAbout(result));
    if (op === '>=' || op === '>') facts.set(`enough:${table}.${column}`, factAbout(result));
  }
  return facts;
}

/** The statement changed nothing, on one way at least. */
function lost(result: Result): Facts {
  return new Map([[`${MAY}lost:${result.id}`, factAbout(result)]]);
}

/** A check that ends the way: remembered for rules that only ask whether anybody looked. */
export function noteCheck(w: Walker, check: { node: Node; value: Value; scope: Scope }): void {
  const place: Place = placeOf(check.scope.file, check.node);
  w.checks.push({ names: namesIn(check.node), values: originsOf(check.value), place });
}

const cache = new WeakMap<Node, ReadonlySet<string>>();

/** Every name and short text below the node. */
export function namesIn(node: Node): ReadonlySet<string> {
  const known = cache.get(node);
  if (known !== undefined) return known;
  const names = new Set<string>();
  collect(node, names);
  cache.set(node, names);
  return names;
}

function collect(node: Node, names: Set<string>): void {
  if (names.size > 60) return;
  if (node.type === 'Identifier') names.add(node.name);
  else if (node.type === 'Literal' && typeof node.value === 'string' && node.value.length < 60) names.add(node.value);
  else if (node.type === 'MemberExpression') names.add(keyName(node.property, node.computed) ?? '');
  for (const child of childrenOf(node)) collect(child, names);
}
