import type { FunctionNode } from '../source/ast.ts';
import type { FileModel } from '../project/file-model.ts';
import type { Caller, Survey } from '../roles/survey.ts';
import type { FnValue } from '../values/value.ts';

/** `isCalled`: somebody in the tree leads to it, so by itself it is only a part of something. */
type EntryFunction = { readonly fn: FnValue; readonly isCalled: boolean };

/** Functions nobody calls come first; those that somebody may call are walked by themselves only when nobody has led to them. */
export function entryFunctions(survey: Survey): EntryFunction[] {
  const callers = callersOf(survey);
  const all = [...survey.functions.values()].filter(({ node }) => survey.project.relevance?.(node) === 'effects');
  const isNamed = (fn: FnValue): boolean => (survey.namedCalls.get(fn.name)?.size ?? 0) > 0;
  const uncalled = [...survey.functions.values()].filter((fn) => !callers.has(fn.node) || isNamed(fn));
  const first = all.filter(({ node }) => !callers.has(node));
  // Functions that only call each other have nobody before them.
  const led = leadFrom(survey, [...survey.project.files.values(), ...uncalled.map(({ node }) => node)]);
  return [
    ...first.filter((fn) => !isNamed(fn)).map((fn) => ({ fn, isCalled: false })),
    ...first.filter(isNamed).map((fn) => ({ fn, isCalled: false })),
    ...all.filter(({ node }) => callers.has(node)).map((fn) => ({ fn, isCalled: led.has(fn.node) })),
  ];
}

/** These, and everything that they call. */
function leadFrom(survey: Survey, from: readonly Caller[]): ReadonlySet<Caller> {
  const led = new Set(from);
  // What is added is gone through as well.
  for (const caller of led) for (const node of survey.callees.get(caller) ?? []) led.add(node);
  return led;
}

function callersOf(survey: Survey): Map<FunctionNode, Set<Caller>> {
  const callers = new Map<FunctionNode, Set<Caller>>();
  for (const [caller, callees] of survey.callees)
    for (const node of callees) {
      const known = callers.get(node);
      if (known === undefined) callers.set(node, new Set([caller]));
      else known.add(caller);
    }
  return callers;
}

/** Files whose top level does something, or calls something that does. */
export function entryFiles(survey: Survey): Set<FileModel> {
  const active = new Set<FileModel>();
  for (const { effect, fn, file } of survey.seen)
    if (fn === undefined && effect.kind !== 'compare' && effect.kind !== 'ending') active.add(file);
  for (const [caller, callees] of survey.callees)
    if (!('params' in caller) && [...callees].some((node) => survey.project.relevance?.(node) === 'effects'))
      active.add(caller);
  return active;
}

/** Everything that may lead to a function of the file, or to its top level. */
export function leadingTo(survey: Survey, file: FileModel): ReadonlySet<Caller> {
  const callers = callersOf(survey);
  const found = new Set<Caller>([file]);
  const pending = [...survey.functions.values()].filter((fn) => fn.file === file);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found.has(next.node)) continue;
    found.add(next.node);
    // Who is written around it makes it, and may hand it on.
    const around = survey.parentOf(next.node);
    for (const caller of [
      ...(callers.get(next.node) ?? []),
      ...(survey.namedCalls.get(next.name) ?? []),
      ...(around === undefined ? [] : [around]),
    ]) {
      const fn = 'params' in caller ? survey.functions.get(caller) : undefined;
      if (fn === undefined) found.add(caller);
      else pending.push(fn);
    }
  }
  return found;
}
