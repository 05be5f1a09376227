import type { FunctionNode } from '../source/ast.ts';
import type { FileModel } from '../project/file-model.ts';
import type { Roles } from '../roles/roles.ts';
import type { Survey } from '../roles/survey.ts';
import type { FnValue } from '../values/value.ts';
import { isHandler, isRequestName } from '../walk/callbacks.ts';
import { Env } from '../walk/env.ts';
import { inputsOf, invoke } from '../walk/functions.ts';
import { scopeOf } from '../walk/scope.ts';
import { runAll } from '../walk/statements.ts';
import { createWalker, type Walker } from '../walk/walker.ts';
import { watchBalance } from './balance.ts';
import { watchCallsOut } from './calls-out.ts';
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

export type Review = { readonly findings: readonly CodeFinding[]; readonly unfollowed: readonly FnValue[] };

/** Goes from each entry of the tree through everything it calls, and lets the rules look on. */
export function reviewTree(survey: Survey, roles: Roles, only?: (of: FunctionNode | FileModel) => boolean): Review {
  const findings = new Map<string, CodeFinding>();
  const unfollowed: FnValue[] = [];
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
    walk(w, entry);
    for (const watcher of watchers) watcher.end?.();
    if (w.stepsLeft < 0 && entry.kind === 'functions') unfollowed.push(...entry.fns.slice(0, 1));
  };
  const { first, later } = entriesOf(survey);
  const active = activeFiles(survey);
  for (const file of survey.project.files.values())
    if (active.has(file) && only?.(file) !== false) enter({ kind: 'file', file });
  // A route is entered with all of its handlers, once for each way it is registered.
  for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) enter(entry);
  for (const fn of first)
    if (!entered.has(fn.node) && only?.(fn.node) !== false)
      enter({ kind: 'functions', fns: [fn], route: undefined, isPartial: false });
  for (const { fn, isCalled } of later)
    if (!entered.has(fn.node) && only?.(fn.node) !== false)
      enter({ kind: 'functions', fns: [fn], route: undefined, isPartial: isCalled });
  for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) enter(entry);
  return { findings: [...findings.values()], unfollowed };
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
    invoke(w, fn, inputsOf(fn, isHandler(fn) ? isRequestName : () => false), undefined);
    w.state.isLive = true;
  }
}

/** Files whose top level does something, or calls something that does. */
function activeFiles(survey: Survey): Set<FileModel> {
  const active = new Set<FileModel>();
  for (const { effect, fn, file } of survey.seen) if (fn === undefined && effect.kind !== 'compare') active.add(file);
  for (const [caller, callees] of survey.callees)
    if (!('params' in caller) && [...callees].some((node) => survey.project.relevance?.(node) === 'effects'))
      active.add(caller);
  return active;
}

type Entries = {
  readonly first: readonly FnValue[];
  readonly later: readonly { readonly fn: FnValue; readonly isCalled: boolean }[];
};

/** Functions nobody calls come first; those that somebody may call are looked at by themselves only when nobody led to them. */
function entriesOf(survey: Survey): Entries {
  const called = new Set<FunctionNode>();
  for (const [caller, callees] of survey.callees) for (const node of callees) if (node !== caller) called.add(node);
  const all = [...survey.functions.values()].filter(({ node }) => survey.project.relevance?.(node) === 'effects');
  const maybe = (fn: FnValue): boolean => survey.project.calledNames.has(fn.name);
  const uncalled = all.filter(({ node }) => !called.has(node));
  return {
    first: uncalled.filter((fn) => !maybe(fn)),
    later: [
      ...uncalled.filter(maybe).map((fn) => ({ fn, isCalled: false })),
      ...all.filter(({ node }) => called.has(node)).map((fn) => ({ fn, isCalled: true })),
    ],
  };
}
