import { positionOf } from '../source/lines.ts';
import type { Place } from '../project/file-model.ts';
import type { Query, SetPart } from '../queries/query.ts';
import { stepOf, type Roles } from '../roles/roles.ts';
import { CHARGE, REFUND } from '../roles/words.ts';
import { originsOf, stringOf } from '../values/value.ts';
import type { Facts } from '../walk/state.ts';
import type { Effect, Walker } from '../walk/walker.ts';

export type Words = { readonly zh: string; readonly en: string };
export type CodeFinding = {
  readonly ruleId: string;
  readonly place: Place;
  readonly message: Words;
  readonly evidence: readonly string[];
};

/** One entry being followed. */
export type Moment = {
  readonly w: Walker;
  readonly roles: Roles;
  /** Somebody in the tree calls the entry, on a way that could not be followed: what the caller does is not known. */
  readonly isPartial: boolean;
  report(finding: CodeFinding): void;
};

/** Looks at what happens on the way of one entry. */
export type Watcher = { readonly on: (effect: Effect) => void; readonly end?: () => void };
export type Watch = (moment: Moment) => Watcher;

export function at(place: Place): string {
  return `${place.file.path}:${positionOf(place.file.lines, place.start).line}`;
}

/** How the walk came to here, for people. */
export function wayTo({ w }: Moment, place: Place): string {
  const names = w.stack.map(({ fn }) => fn.name || 'an unnamed function');
  const [first] = w.stack;
  const from =
    first === undefined
      ? `the top level of ${place.file.path}`
      : `${names[0]} (${at({ file: first.fn.file, start: first.fn.node.start, end: first.fn.node.end })})`;
  return names.length <= 1 ? `reached in ${from}` : `reached from ${from} through ${names.slice(1).join(' → ')}`;
}

/** The columns of a statement that hold a balance, and which way it moves. */
export type Move = { readonly set: SetPart; readonly step: '+' | '-' | undefined };

export function movesOf(roles: Roles, query: Query): Move[] {
  if (query.op !== 'update' && !(query.op === 'insert' && query.isUpsert)) return [];
  return query.sets
    .filter(({ column }) => roles.isBalance(query.table, column))
    .map((set) => ({ set, step: stepOf(set, query.table) }));
}

/** What a row written into a ledger says it is for. */
export function kindsOf(query: Query): string[] {
  return query.sets
    .filter(({ column }) =>
      /^(?:type|kind|reason|cause|action|source|description|remark|category|op|operation)$/.test(column),
    )
    .flatMap(({ value }) => originsOf(value).flatMap((part) => stringOf(part) ?? []));
}

export function isLedgerEntry(roles: Roles, query: Query, wanted: RegExp): boolean {
  return query.op === 'insert' && roles.isLedger(query.table) && kindsOf(query).some((kind) => wanted.test(kind));
}

export function isChargeEntry(roles: Roles, query: Query): boolean {
  return isLedgerEntry(roles, query, CHARGE);
}

/** Something that by itself says that quota is given back. */
export function isRefundSign(roles: Roles, effect: Effect): boolean {
  if (effect.kind === 'unresolved') return REFUND.test(effect.name);
  if (effect.kind === 'enqueue') return REFUND.test(effect.name);
  if (effect.kind !== 'statement') return false;
  const { query } = effect.result;
  if (isLedgerEntry(roles, query, REFUND)) return true;
  return (
    query.op === 'update' &&
    query.sets.some(
      ({ column, value }) =>
        (column.endsWith('refunded') && !(value.kind === 'literal' && !value.value)) ||
        (/^(?:status|state)$/.test(column) && /^refunded$/i.test(stringOf(value) ?? '')),
    )
  );
}

/** The functions on the way, and the routes they are registered for. */
export function namesOnWay({ w }: Moment): string[] {
  return [...w.routes, ...w.stack.map(({ fn }) => fn.name).filter((name) => name !== '')];
}

/** Where the function at this depth of the stack made the call that led to here; the place itself when it is that function's own. */
export function callSite({ w }: Moment, depth: number, place: Place): Place {
  return w.stack[depth + 1]?.from ?? place;
}

export function factsNow({ w }: Moment): Facts {
  return new Map(w.state.facts);
}
