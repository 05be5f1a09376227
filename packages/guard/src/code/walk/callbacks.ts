import { UNKNOWN, type FnValue, type Value } from '../values/value.ts';
import { inputsOf, invoke } from './functions.ts';
import { fork } from './state.ts';
import type { Walker } from './walker.ts';

/** Parameters that carry what somebody sent over HTTP. */
export function isRequestName(name: string): boolean {
  return /^_?(?:req|request|ctx|context|c|event)$/.test(name);
}

/** A handler: has a request and something to answer with. */
export function isHandler(fn: FnValue): boolean {
  const names = fn.node.params.map((param) => (param.type === 'Identifier' ? param.name : ''));
  return (
    /^_?(?:req|request)$/.test(names[0] ?? '') ||
    (/^_?(?:ctx|context|c)$/.test(names[0] ?? '') && names.length <= 2) ||
    (names[0] === 'event' && names.length <= 2)
  );
}

function isRequestOf(fn: FnValue): (name: string) => boolean {
  return isHandler(fn) ? isRequestName : () => false;
}

/** Runs the functions among the arguments, once, where they are given away. */
export function runCallbacks(w: Walker, args: readonly Value[], isRetry: boolean): Value {
  let last: Value = UNKNOWN;
  w.loops.push({ isRetry, over: undefined, isGoingOn: false, source: undefined });
  for (const fn of functionsIn(args)) last = runCallback(w, fn);
  w.loops.pop();
  return last;
}

export function functionsIn(args: readonly Value[]): FnValue[] {
  return args.flatMap((value) =>
    value.kind === 'fn' ? [value] : value.kind === 'list' ? functionsIn(value.items) : [],
  );
}

/** One function given away: its parameters are what somebody else passes. A throw in it does not end the caller. */
export function runCallback(w: Walker, fn: FnValue): Value {
  const before = w.state;
  w.state = fork(before);
  const value = invoke(w, fn, inputsOf(fn, isRequestOf(fn)), undefined);
  if (!w.state.isLive) w.state = before;
  return value;
}

/** Runs functions as somebody will later: outside of any transaction that is open here. */
export function runDetached(w: Walker, args: readonly Value[]): void {
  const fns = functionsIn(args);
  if (w.stack.length === 0) {
    for (const fn of fns) w.onEntry([fn], undefined);
    return;
  }
  for (const fn of fns) {
    const before = w.state;
    w.state = {
      isLive: true,
      facts: new Map([...before.facts].filter(([key]) => !key.startsWith('lock:'))),
      own: undefined,
      frames: [],
    };
    invoke(w, fn, inputsOf(fn, isRequestOf(fn)), undefined);
    w.state = before;
  }
}
