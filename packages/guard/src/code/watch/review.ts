import type { FunctionNode } from '../source/ast.ts';
import { placeOf, type FileModel, type Place } from '../project/file-model.ts';
import type { Roles } from '../roles/roles.ts';
import type { Caller, Survey } from '../roles/survey.ts';
import { originsOf, type FnValue } from '../values/value.ts';
import { isHandler, isRequestName } from '../walk/callbacks.ts';
import { Env } from '../walk/env.ts';
import { inputsOf, invoke } from '../walk/functions.ts';
import { scopeOf } from '../walk/scope.ts';
import { noteLooked } from '../walk/state.ts';
import { runAll } from '../walk/statements.ts';
import { createWalker, hasRoomFor, type Walker } from '../walk/walker.ts';
import { watchBalance } from './balance.ts';
import { watchCallsOut } from './calls-out.ts';
import { entryFiles, entryFunctions } from './entries.ts';
import type { CodeFinding, Moment, Watch } from './moment.ts';
import { watchNotifications } from './notifications.ts';
import { watchRecords } from './records.ts';
import { watchRefunds } from './refunds.ts';
import { watchSecrecy } from './secrecy.ts';
import { watchTasks } from './tasks.ts';

const WATCHES: readonly Watch[] = [
  watchBalance,
  watchCallsOut,
  watchRefunds,
  watchTasks,
  watchRecords,
  watchNotifications,
  watchSecrecy,
];

/** Rules that miss something on the way: not to be told by a walk that has left something out. */
const NEEDS_ALL = new Set([
  'BG201',
  'BG202',
  'BG203',
  'BG204',
  'BG205',
  'BG208',
  'BG220',
  'BG224',
  'BG230',
  'BG231',
  'BG232',
  'BG233',
  'BG240',
  'BG241',
  'BG242',
]);

/** What could not be followed to its end, and why not. */
export type Unfollowed = { readonly place: Place; readonly reason: string };
export type Review = { readonly findings: readonly CodeFinding[]; readonly unfollowed: readonly Unfollowed[] };

/** Goes from each entry of the tree, or of those in `only`, through everything it calls, and lets the rules look on. */
export function reviewTree(survey: Survey, roles: Roles, only?: ReadonlySet<Caller>): Review {
  const findings = new Map<string, CodeFinding>();
  const unfollowed: Unfollowed[] = [...survey.tooDeep].map((file) => ({ place: topOf(file), reason: NESTED }));
  const entered = new Set<FunctionNode>();
  const report = (finding: CodeFinding): void => {
    const { ruleId, place } = finding;
    const key = `${ruleId} ${place.file.path} ${place.start}`;
    if (!findings.has(key)) findings.set(key, finding);
  };
  const waiting: Entry[] = [];
  const enter = (entry: Entry): void => {
    const watchers: ReturnType<Watch>[] = [];
    const w = createWalker(
      {
        project: survey.project,
        mode: 'review',
        onEffect: (effect) => {
          for (const watcher of watchers) watcher.on(effect);
        },
        onCall: () => {},
        onName: () => {},
        onFunction: () => {},
        onEntry: (fns, route) => waiting.push({ kind: 'functions', fns, route, isPartial: false }),
      },
      entered,
    );
    const moment: Moment = {
      w,
      roles,
      isPartial: entry.kind === 'functions' && entry.isPartial,
      report: (finding) => {
        if (!w.isCut || !NEEDS_ALL.has(finding.ruleId)) report(finding);
      },
    };
    watchers.push(...WATCHES.map((watch) => watch(moment)));
    const hasRoom = hasRoomFor(() => walk(w, entry));
    for (const watcher of watchers) watcher.end?.();
    const reason = hasRoom ? reasonOf(w) : NESTED;
    if (reason !== undefined) unfollowed.push({ place: placeOfEntry(entry), reason });
  };
  const drain = (): void => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) enter(entry);
  };
  for (const file of entryFiles(survey)) if (only?.has(file) !== false) enter({ kind: 'file', file });
  // A route is entered with all of its handlers, once for each way it is registered.
  drain();
  for (const { fn, isCalled } of entryFunctions(survey))
    if (!entered.has(fn.node) && only?.has(fn.node) !== false)
      enter({ kind: 'functions', fns: [fn], route: undefined, isPartial: isCalled });
  drain();
  return { findings: [...findings.values()], unfollowed };
}

const NESTED = 'nested deeper than can be followed';

function reasonOf(w: Walker): string | undefined {
  if (w.stepsLeft < 0) return 'what this leads to is too much to follow';
  return w.isTooDeep ? 'calls go deeper than is followed' : undefined;
}

function topOf(file: FileModel): Place {
  return { file, start: 0, end: 0 };
}

function placeOfEntry(entry: Entry): Place {
  const [fn] = entry.kind === 'functions' ? entry.fns : [];
  if (fn !== undefined) return placeOf(fn.file, fn.node);
  if (entry.kind === 'functions') throw new Error('an entry has a function');
  return topOf(entry.file);
}

/** What is walked by itself: a file's top level, or functions that run one after the other. */
type Entry =
  | { readonly kind: 'file'; readonly file: FileModel }
  | {
      readonly kind: 'functions';
      readonly fns: readonly FnValue[];
      readonly route: string | undefined;
      readonly isPartial: boolean;
    };

function walk(w: Walker, entry: Entry): void {
  if (entry.kind === 'file') {
    runAll(w, scopeOf(entry.file, entry.file.env ?? new Env()), entry.file.program.body);
    return;
  }
  if (entry.route !== undefined) w.routes.push(entry.route);
  for (const fn of entry.fns) {
    const value = invoke(w, fn, inputsOf(fn, isHandler(fn) ? isRequestName : () => false), undefined);
    // Whoever is given the outcome looks at it.
    for (const part of originsOf(value)) if (part.kind === 'count') noteLooked(part.result);
    w.state.isLive = true;
  }
}
