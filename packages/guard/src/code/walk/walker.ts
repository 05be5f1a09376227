import type { FunctionNode, Node } from '../source/ast.ts';
import type { FileModel, Place } from '../project/file-model.ts';
import type { Project } from '../project/project.ts';
import type { Result } from '../queries/query.ts';
import type { FnValue, Value } from '../values/value.ts';
import type { Write } from './branch.ts';
import type { Env } from './env.ts';
import { emptyState, fork, type State } from './state.ts';
import type { LoopNode } from './tried-again.ts';

/** Something a function does that a rule may ask about. */
export type Effect =
  | { readonly kind: 'statement'; readonly result: Result; readonly place: Place }
  | { readonly kind: 'raw-sql'; readonly text: Value; readonly place: Place }
  | { readonly kind: 'network'; readonly call: NetworkCall; readonly place: Place }
  | {
      readonly kind: 'enqueue';
      readonly library: string;
      readonly jobId: Value | undefined;
      readonly isForgotten: boolean;
      readonly name: string;
      readonly place: Place;
    }
  | { readonly kind: 'redis'; readonly command: string; readonly key: Value; readonly place: Place }
  | { readonly kind: 'log'; readonly args: readonly Node[]; readonly values: readonly Value[]; readonly place: Place }
  | { readonly kind: 'unresolved'; readonly name: string; readonly values: readonly Value[]; readonly place: Place }
  | {
      readonly kind: 'lost';
      readonly how: 'unawaited' | 'swallowed';
      readonly inside: readonly Effect[];
      readonly place: Place;
    }
  | { readonly kind: 'throttle'; readonly key: Value; readonly place: Place }
  | {
      readonly kind: 'compare';
      readonly result: Result;
      readonly column: string;
      readonly op: string;
      readonly place: Place;
    }
  | { readonly kind: 'escape'; readonly place: Place }
  /** A transaction is about to end; what is known now was known within it. */
  | { readonly kind: 'ending'; readonly frame: number; readonly place: Place }
  | { readonly kind: 'object'; readonly props: ReadonlyMap<string, Value>; readonly place: Place };

export type NetworkCall = {
  readonly label: string;
  /** As far as it is written out. */
  readonly url: string;
  readonly method: string;
  /** The vendor can tell a repeated call from a second one. */
  readonly hasKey: boolean;
  readonly isRepeated: boolean;
  /** What the answer is, for where it goes. */
  readonly answer: Value;
};

/** One call on the way to here. */
export type Step = Since & {
  readonly fn: FnValue;
  readonly from: Place | undefined;
};

/** How much had been asked and had happened before it was called. */
export type Since = { readonly checks: number; readonly trail: number };

/** Where code runs: its names, its file, `this`, and what ends it. */
export type Scope = {
  readonly env: Env;
  readonly file: FileModel;
  readonly self: Value | undefined;
  /** What is returned is awaited: a statement that was only built is sent. */
  readonly isAwaited: boolean;
  readonly returns: { readonly value: Value; readonly state: State }[];
  /** Ways out of the innermost loop or switch. */
  readonly exits: State[];
};

/** A check that ends the way when it fails, seen anywhere before. */
export type SeenCheck = {
  readonly names: ReadonlySet<string>;
  readonly values: readonly Value[];
  readonly place: Place;
};

/** A loop: whether it goes round until something comes out well, the list it goes through, whether it goes on by itself. */
export type Loop = {
  readonly isRetry: boolean;
  readonly over: Value | undefined;
  readonly isGoingOn: boolean;
  /** Where it is written, and how many calls deep; undefined for what a helper repeats. */
  readonly source: { readonly node: LoopNode; readonly file: FileModel; readonly depth: number } | undefined;
};

/** A condition, and how many calls deep it was asked. */
export type Guard = { readonly names: ReadonlySet<string>; readonly depth: number };

export type Walker = {
  readonly project: Project;
  /** `survey`: every function by itself, to learn what there is. `review`: from each entry through everything it calls. */
  readonly mode: 'survey' | 'review';
  readonly onEffect: (effect: Effect, walker: Walker) => void;
  readonly onCall: (fn: FnValue, walker: Walker) => void;
  /** A call by a name of which nobody can tell whose it is. */
  readonly onName: (name: string) => void;
  readonly onFunction: (fn: FnValue) => void;
  /** Functions that somebody outside calls, one after the other: handlers of a route, a listener. */
  readonly onEntry: (fns: readonly FnValue[], route: string | undefined) => void;
  state: State;
  readonly stack: Step[];
  /** Loops and retry helpers around here. */
  readonly loops: Loop[];
  /** Conditions of the branches around here, the innermost last. */
  readonly guards: Guard[];
  readonly checks: SeenCheck[];
  /** Questions that choose between two values. */
  readonly choices: Node[];
  readonly trail: Effect[];
  readonly writes: Write[];
  /** How often each function was gone into. */
  readonly times: Map<FunctionNode, number>;
  /** What each function gave the last time. */
  readonly last: Map<FunctionNode, Value>;
  /** Paths of the HTTP routes that are being registered. */
  readonly routes: string[];
  readonly entered: Set<FunctionNode>;
  /** Properties whose values are being looked up by their names. */
  readonly asking: Set<Node>;
  /** Something with effects was not gone into again: what is known from here on is not all there is. */
  isCut: boolean;
  /** Calls went deeper than is followed. */
  isTooDeep: boolean;
  /** Only what something gives is asked for; what it does happens elsewhere. */
  isAside: boolean;
  nextId: number;
  stepsLeft: number;
};

/** Nodes one entry may lead through; beyond it the rest is not followed, and says so. */
export const STEPS = 200_000;

export function createWalker(
  of: Pick<Walker, 'project' | 'mode' | 'onEffect' | 'onCall' | 'onName' | 'onFunction' | 'onEntry'>,
  entered: Set<FunctionNode> = new Set(),
): Walker {
  return {
    ...of,
    state: emptyState(),
    stack: [],
    loops: [],
    guards: [],
    checks: [],
    choices: [],
    trail: [],
    writes: [],
    times: new Map(),
    last: new Map(),
    routes: [],
    entered,
    asking: new Set(),
    isCut: false,
    isTooDeep: false,
    isAside: false,
    nextId: 1,
    stepsLeft: STEPS,
  };
}

export function newId(w: Walker): number {
  w.nextId += 1;
  return w.nextId;
}

export function emit(w: Walker, effect: Effect): void {
  if (!w.state.isLive || w.isAside) return;
  w.trail.push(effect);
  w.onEffect(effect, w);
}

/** What an expression gives, without what it does. */
export function aside(w: Walker, evaluate: () => Value): Value {
  const { state, isAside } = w;
  w.state = fork(state);
  w.isAside = true;
  const value = evaluate();
  w.isAside = isAside;
  w.state = state;
  return value;
}

/** False when the code is nested deeper than there is room for: what it does is not known then. */
export function hasRoomFor(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
