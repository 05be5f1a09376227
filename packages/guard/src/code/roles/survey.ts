import type { FunctionNode } from '../source/ast.ts';
import { Env } from '../walk/env.ts';
import { placeOf, type FileModel } from '../project/file-model.ts';
import { Project } from '../project/project.ts';
import { relevanceOf } from './relevance.ts';
import type { Manifest } from '../project/resolve-import.ts';
import type { FnValue } from '../values/value.ts';
import { isHandler, isRequestName } from '../walk/callbacks.ts';
import { bindParams, inputsOf } from '../walk/functions.ts';
import { evaluate, settle } from '../walk/expressions.ts';
import { scopeOf } from '../walk/scope.ts';
import { runAll } from '../walk/statements.ts';
import { emptyState } from '../walk/state.ts';
import { createWalker, type Effect } from '../walk/walker.ts';

/** Something a function does by itself, whoever calls it; `fn` is undefined at a file's top level. */
export type Seen = { readonly effect: Effect; readonly fn: FnValue | undefined; readonly file: FileModel };

export type Survey = {
  readonly project: Project;
  readonly functions: ReadonlyMap<FunctionNode, FnValue>;
  readonly seen: readonly Seen[];
  /** Who calls whom, as far as it can be told without following calls. */
  readonly callees: ReadonlyMap<FunctionNode | FileModel, ReadonlySet<FunctionNode>>;
};

/** Looks at every function of the tree by itself. */
export function surveyTree(files: ReadonlyMap<string, FileModel>, manifests: readonly Manifest[]): Survey {
  const functions = new Map<FunctionNode, FnValue>();
  const seen: Seen[] = [];
  const callees = new Map<FunctionNode | FileModel, Set<FunctionNode>>();
  const runFile = (project: Project, file: FileModel): void => {
    const w = walkerFor(project, { file, fn: undefined });
    runAll(w, scopeOf(file, file.env ?? new Env()), file.program.body);
  };
  const walkerFor = (project: Project, at: { file: FileModel; fn: FnValue | undefined }) => {
    const caller = at.fn?.node ?? at.file;
    return createWalker({
      project,
      mode: 'survey',
      onEffect: (effect) => seen.push({ effect, fn: at.fn, file: at.file }),
      onCall: ({ node }) => {
        if (node === caller) return;
        const known = callees.get(caller);
        if (known === undefined) callees.set(caller, new Set([node]));
        else known.add(node);
      },
      onFunction: (fn) => functions.set(fn.node, fn),
      onEntry: () => {},
    });
  };
  const project = new Project(files, manifests, runFile);
  for (const file of files.values()) project.envOf(file);
  // Functions are found while others are looked at: the list grows under way.
  const done = new Set<FunctionNode>();
  for (let more = true; more;) {
    more = false;
    for (const fn of functions.values()) {
      if (done.has(fn.node)) continue;
      done.add(fn.node);
      more = true;
      const w = walkerFor(project, { file: fn.file, fn });
      w.state = emptyState();
      runAlone(w, fn);
    }
  }
  project.relevance = relevanceOf(functions, callees, seen);
  return { project, functions, seen, callees };
}

function runAlone(w: ReturnType<typeof createWalker>, fn: FnValue): void {
  const { node, file } = fn;
  if (node.body === null) return;
  const scope = scopeOf(file, new Env(fn.env), { self: fn.self, isAwaited: true });
  bindParams(w, scope, node, inputsOf(fn, isHandler(fn) ? isRequestName : () => false));
  if (node.body.type === 'BlockStatement') runAll(w, scope, node.body.body);
  else settle(w, evaluate(w, scope, node.body), placeOf(file, node.body));
}
