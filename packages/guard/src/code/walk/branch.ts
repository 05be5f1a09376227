import type { Value } from '../values/value.ts';
import type { Env, Lazy } from './env.ts';
import { fork, meet, NO_FACTS } from './state.ts';
import type { Walker } from './walker.ts';

/** A variable that was given a value, and the one it had. */
export type Write = { readonly env: Env; readonly name: string; readonly before: Value | Lazy | undefined };
type Change = {
  readonly env: Env;
  readonly name: string;
  readonly before: Value | Lazy | undefined;
  readonly after: Value | Lazy;
};

/** Gives a variable a value, so that it can be undone. */
export function setVariable(w: Walker, env: Env, name: string, value: Value | Lazy): void {
  w.writes.push({ env, name, before: env.vars.get(name) });
  env.vars.set(name, value);
}

/** Two ways, of which one is taken: what both learn is kept, and what they assign is joined. */
export function branch(w: Walker, one: () => void, other: () => void): void {
  const before = w.state;
  const mark = w.writes.length;
  w.state = fork(before);
  one();
  const first = w.state;
  const changes = undo(w, mark);
  w.state = fork(before);
  other();
  const second = w.state;
  if (!second.isLive) {
    undo(w, mark);
    for (const { env, name, after } of changes) setVariable(w, env, name, after);
  } else if (first.isLive) join(w, changes, changesSince(w, mark));
  w.state = meet(first, second);
}

function changesSince(w: Walker, mark: number): Change[] {
  const changes: Change[] = [];
  for (const { env, name, before } of w.writes.slice(mark)) {
    const after = env.vars.get(name);
    if (after !== undefined && !changes.some((change) => change.env === env && change.name === name))
      changes.push({ env, name, before, after });
  }
  return changes;
}

function undo(w: Walker, mark: number): Change[] {
  const changes = changesSince(w, mark);
  for (const { env, name, before } of changes) if (before !== undefined) env.vars.set(name, before);
  w.writes.length = mark;
  return changes;
}

function join(w: Walker, one: readonly Change[], other: readonly Change[]): void {
  for (const change of one) {
    const twin = other.find(({ env, name }) => env === change.env && name === change.name);
    const now = twin?.after ?? change.before;
    if (now !== undefined) setVariable(w, change.env, change.name, joined(change.after, now));
  }
  for (const change of other) {
    const isShared = one.some(({ env, name }) => env === change.env && name === change.name);
    if (!isShared && change.before !== undefined)
      setVariable(w, change.env, change.name, joined(change.before, change.after));
  }
}

/** A query that may have been given a lock on one way only has none for certain. */
export function joined(one: Value | Lazy, other: Value | Lazy): Value | Lazy {
  if (one === other || other.kind === 'lazy') return one;
  if (one.kind === 'lazy') return other;
  if (one.kind === 'query' && other.kind === 'query') {
    const [short, long] = one.query.where.length <= other.query.where.length ? [one, other] : [other, one];
    const isLocking = one.query.isLocking && other.query.isLocking;
    return { kind: 'query', query: { ...long.query, where: short.query.where, isLocking } };
  }
  if (one.kind === 'literal' && other.kind === 'literal' && one.value === other.value) return one;
  return { kind: 'either', options: [one, other].flatMap(optionsOf).slice(0, 6) };
}

function optionsOf(value: Value): readonly { value: Value; facts: typeof NO_FACTS }[] {
  return value.kind === 'either' ? value.options : [{ value, facts: NO_FACTS }];
}
