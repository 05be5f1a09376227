import type { Class, FunctionNode, TSType } from '../source/ast.ts';
import type { Query, Result } from '../queries/query.ts';
import type { Env } from '../walk/env.ts';
import type { Facts } from '../walk/state.ts';
import type { FileModel, Place } from '../project/file-model.ts';

/** A type as it is written, and where. */
export type TypeRef = { readonly node: TSType; readonly file: FileModel };

export type FnValue = {
  readonly kind: 'fn';
  readonly node: FunctionNode;
  readonly env: Env;
  readonly file: FileModel;
  readonly name: string;
  readonly self?: Value;
};
export type ObjectValue = { readonly kind: 'object'; readonly props: Map<string, Value>; readonly isOpen: boolean };
export type ListValue = { readonly kind: 'list'; readonly items: readonly Value[] };
export type ClassValue = { readonly kind: 'class'; readonly node: Class; readonly env: Env; readonly file: FileModel };
export type InstanceValue = { readonly kind: 'instance'; readonly of: ClassValue; readonly props: Map<string, Value> };
/** Something of a package that is not in the tree: `made` of it by calling or `new`. */
export type ExternalValue = {
  readonly kind: 'external';
  readonly source: string;
  readonly path: readonly string[];
  readonly isMade: boolean;
  readonly args: readonly Value[];
};
/** What a function was given by somebody who is not in the tree; `request`: by whoever sent an HTTP request. */
export type InputValue = {
  readonly kind: 'input';
  readonly path: readonly string[];
  readonly type: TypeRef | undefined;
  readonly isRequest: boolean;
};
/** Rows a statement found, or one of them. */
export type RowsValue = { readonly kind: 'rows'; readonly result: Result; readonly changes: Map<string, Value> };
export type ColumnValue = { readonly kind: 'column'; readonly result: Result; readonly column: string };
/** How many rows a write touched. */
export type CountValue = { readonly kind: 'count'; readonly result: Result };
/** Computed from other values by `op`: an operator, or the name of a function. */
export type MixValue = { readonly kind: 'mix'; readonly op: string; readonly of: readonly Value[] };
/** A truth, and what is known in either case. */
export type TestValue = {
  readonly kind: 'test';
  readonly whenTrue: Facts;
  readonly whenFalse: Facts;
  readonly of: readonly Value[];
};
/** One of several results of a function, with what is known where each is returned. */
export type EitherValue = {
  readonly kind: 'either';
  readonly options: readonly { readonly value: Value; readonly facts: Facts }[];
};

/** `place`: where a text that is SQL is written. */
export type LiteralValue = {
  readonly kind: 'literal';
  readonly value: string | number | boolean | null | undefined;
  readonly place?: Place;
};

export type Value =
  | { readonly kind: 'unknown' }
  | LiteralValue
  | { readonly kind: 'text'; readonly parts: readonly (string | Value)[] }
  | FnValue
  | ObjectValue
  | ListValue
  | ClassValue
  | InstanceValue
  | { readonly kind: 'module'; readonly file: FileModel }
  | ExternalValue
  | InputValue
  | { readonly kind: 'tx'; readonly frame: number }
  | { readonly kind: 'query'; readonly query: Query }
  | RowsValue
  | ColumnValue
  | CountValue
  | MixValue
  | TestValue
  | EitherValue;

export const UNKNOWN: Value = { kind: 'unknown' };
export const UNDEFINED: Value = { kind: 'literal', value: undefined };

/** Values that one computation remembers of; more says nothing more. */
const MOST_PARTS = 8;

export function literal(value: string | number | boolean | null | undefined): Value {
  return { kind: 'literal', value };
}

export function mix(op: string, of: readonly Value[]): Value {
  const known = of.filter((value) => value.kind !== 'unknown' && value.kind !== 'literal');
  if (known.length === 0 && op === '') return UNKNOWN;
  return { kind: 'mix', op, of: of.slice(0, MOST_PARTS) };
}

/** Text put together; neighbouring known pieces become one. */
export function text(parts: readonly (string | Value)[]): Value {
  const joined: (string | Value)[] = [];
  for (const part of parts.flatMap(flatPart)) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  const [only] = joined;
  if (joined.length === 0) return literal('');
  return joined.length === 1 && typeof only === 'string' ? literal(only) : { kind: 'text', parts: joined };
}

function flatPart(part: string | Value): readonly (string | Value)[] {
  if (typeof part === 'string') return [part];
  if (part.kind === 'text') return part.parts;
  if (part.kind === 'literal' && part.value !== undefined && part.value !== null)
    return part.place === undefined ? [String(part.value)] : [part];
  return [part];
}

/** The text, with `hole` for each piece that is not known; undefined for what is no text. */
export function readText(value: Value, hole: (index: number) => string): string | undefined {
  if (value.kind === 'literal') return typeof value.value === 'string' ? value.value : undefined;
  if (value.kind !== 'text') return undefined;
  let index = 0;
  return value.parts.map((part) => knownText(part) ?? hole(index++)).join('');
}

function knownText(part: string | Value): string | undefined {
  if (typeof part === 'string') return part;
  return part.kind === 'literal' ? String(part.value ?? '') : undefined;
}

/** Where each piece of SQL within the text is written: the offset it begins at in readText's text, and the place. */
export function piecesOf(
  value: Value,
  hole: (index: number) => string,
): { readonly at: number; readonly place: Place }[] {
  if (value.kind === 'literal') return value.place === undefined ? [] : [{ at: 0, place: value.place }];
  if (value.kind !== 'text') return [];
  const pieces: { at: number; place: Place }[] = [];
  let at = 0;
  let index = 0;
  for (const part of value.parts) {
    if (typeof part !== 'string' && part.kind === 'literal' && part.place !== undefined)
      pieces.push({ at, place: part.place });
    at += (knownText(part) ?? hole(index++)).length;
  }
  return pieces;
}

/** The pieces of a text that are not known, in the order of readText's holes. */
export function holesOf(value: Value): Value[] {
  return value.kind === 'text' ? value.parts.filter((part) => typeof part !== 'string' && part.kind !== 'literal') : [];
}

/** The string, when all of it is known. */
export function stringOf(value: Value | undefined): string | undefined {
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined;
}

const MOST_ORIGINS = 40;

/** Everything the value was computed from, itself first; bounded. */
export function originsOf(value: Value): Value[] {
  const found: Value[] = [];
  const pending: Value[] = [value];
  for (const next of pending) {
    if (found.length >= MOST_ORIGINS) break;
    found.push(next);
    if (pending.length < MOST_ORIGINS) pending.push(...partsOf(next));
  }
  return found;
}

function partsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'mix':
    case 'test':
      return value.of;
    case 'either':
      return value.options.map((option) => option.value);
    case 'text':
      return value.parts.filter((part) => typeof part !== 'string');
    case 'list':
      return value.items;
    case 'object':
      return [...value.props.values()];
    default:
      return [];
  }
}
