import type { Place } from '../project/file-model.ts';
import type { Result } from '../queries/query.ts';
import type { Value } from '../values/value.ts';

/** Something that holds on every way to here, and where it came about. */
export type Fact = {
  readonly place: Place;
  readonly frame: number | undefined;
  readonly note: string;
  /** Whose outcome it is about. */
  readonly result?: Result;
};
export type Facts = ReadonlyMap<string, Fact>;
export const NO_FACTS: Facts = new Map();

/**
 * An open transaction. `callback`: only its handle is inside; `connection`: begun by hand on `handle`; `ambient`: whatever runs
 * meanwhile is inside; `caller`: the function was given its handle by somebody who is not in the tree.
 */
export type Frame = {
  readonly id: number;
  readonly kind: 'callback' | 'connection' | 'ambient' | 'caller';
  readonly handle: Value | undefined;
  readonly place: Place;
  /** Calls that led to where it was opened. */
  readonly depth: number;
};

/** What is known at one point of the walk. `isLive` is false after a return or a throw. `own`: facts that no other state looks at. */
export type State = {
  isLive: boolean;
  facts: Facts;
  own: Map<string, Fact> | undefined;
  frames: readonly Frame[];
};

export function emptyState(): State {
  return { isLive: true, facts: NO_FACTS, own: undefined, frames: [] };
}

/** Both look at the same facts until one learns something. */
export function fork(state: State): State {
  state.own = undefined;
  return { ...state };
}

/** Notes what holds from here on. */
export function learn(state: State, key: string, fact: Fact): void {
  ownFacts(state).set(key, fact);
}

function ownFacts(state: State): Map<string, Fact> {
  if (state.own !== undefined) return state.own;
  const own = new Map(state.facts);
  state.facts = own;
  state.own = own;
  return own;
}

/** Begins what is so on one way at least, as opposed to all of them. */
export const MAY = 'may-';

/** What holds whichever of the two ways was taken; a way that has ended does not count. */
export function meet(one: State, other: State): State {
  if (!one.isLive) return other;
  if (!other.isLive) return one;
  const frames =
    one.frames === other.frames
      ? one.frames
      : one.frames.filter((frame) => other.frames.some(({ id }) => id === frame.id));
  if (one.facts === other.facts) return { ...fork(one), frames };
  const facts = new Map<string, Fact>();
  for (const [key, fact] of one.facts) if (other.facts.has(key) || key.startsWith(MAY)) facts.set(key, fact);
  for (const [key, fact] of other.facts) if (key.startsWith(MAY)) facts.set(key, fact);
  return { isLive: true, facts, own: facts, frames };
}

const looked = new WeakSet<Result>();

/** What happens next hangs on whether the statement changed or found anything. */
export function isLookedAt(result: Result): boolean {
  return looked.has(result);
}

export function noteLooked(result: Result): void {
  looked.add(result);
}

export function addFacts(state: State, facts: Facts): void {
  for (const [key, fact] of facts) {
    if (fact.result !== undefined) looked.add(fact.result);
    if (!state.facts.has(key)) learn(state, key, fact);
  }
}

export function unite(one: Facts, other: Facts): Facts {
  if (one.size === 0) return other;
  return other.size === 0 ? one : new Map([...one, ...other]);
}

export function common(one: Facts, other: Facts): Facts {
  if (one.size === 0 || other.size === 0) return NO_FACTS;
  return new Map([...one].filter(([key]) => other.has(key)));
}

/** What `after` knows and `before` did not. */
export function learned(before: Facts, after: Facts): Facts {
  return new Map([...after].filter(([key]) => !before.has(key)));
}

/** Closes a transaction: its locks are gone, and what was seen under them may have changed since. */
export function closeFrame(state: State, id: number): void {
  state.frames = state.frames.filter((frame) => frame.id !== id);
  for (const [key, fact] of state.facts) if (fact.frame === id && key.startsWith('lock:')) ownFacts(state).delete(key);
}
