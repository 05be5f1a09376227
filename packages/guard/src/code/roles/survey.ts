import type { FunctionNode } from '../source/ast.ts';
import { placeOf, type FileModel } from '../project/file-model.ts';
import { Project } from '../project/project.ts';
import type { Manifest } from '../project/resolve-import.ts';
import type { FnValue } from '../values/value.ts';
import { isHandler, isRequestName } from '../walk/callbacks.ts';
import { Env } from '../walk/env.ts';
import { evaluate, settle } from '../walk/expressions.ts';
import { bindParams, inputsOf } from '../walk/functions.ts';
import { scopeOf } from '../walk/scope.ts';
import { runAll } from '../walk/statements.ts';
import { emptyState } from '../walk/state.ts';
import { createWalker, hasRoomFor, type Effect, type Walker } from '../walk/walker.ts';
import { parentsOf, relevanceOf } from './relevance.ts';

/** Something a function does by itself, whoever calls it; `fn` is undefined at a file's top level. */
export type Seen = { readonly effect: Effect; readonly fn: FnValue | undefined; readonly file: FileModel };

/** Who calls: a function, or a file's top level. */
export type Caller = FunctionNode | FileModel;

/** Every function of a tree, each looked at by itself. A file that changes is looked at again alone. */
export class Survey {
  readonly project: Project;
  readonly functions = new Map<FunctionNode, FnValue>();
  seen: Seen[] = [];
  /** Who calls whom, as far as it can be told without following calls. */
  readonly callees = new Map<Caller, Set<FunctionNode>>();
  /** Names that are called where nobody can tell whose they are, and by whom. */
  readonly namedCalls = new Map<string, Set<Caller>>();
  /** Files with code nested deeper than could be followed. */
  readonly tooDeep = new Set<FileModel>();
  readonly #done = new Set<FunctionNode>();
  #parents: ReadonlyMap<FunctionNode, FunctionNode> = new Map();

  constructor(files: ReadonlyMap<string, FileModel>, manifests: readonly Manifest[]) {
    this.project = new Project(files, manifests, (project, file) => this.#runFile(project, file));
    for (const file of files.values()) this.project.envOf(file);
    this.#finish();
  }

  /** Puts a file in the place of the one with its path. */
  replace(file: FileModel): void {
    const old = this.project.replace(file);
    const callers = old === undefined ? [] : this.#forget(old);
    this.project.envOf(file);
    this.#look();
    // Behind the file: what they call by a name has to be known by then.
    for (const caller of callers) this.#lookAgain(caller);
    this.#finish();
  }

  /** The function it is written in. */
  parentOf(node: FunctionNode): FunctionNode | undefined {
    return this.#parents.get(node);
  }

  /** Gives those of other files who called something of it. */
  #forget(file: FileModel): Set<Caller> {
    const nodes = new Set<Caller>([file]);
    for (const fn of this.functions.values()) if (fn.file === file) nodes.add(fn.node);
    for (const node of nodes) {
      this.callees.delete(node);
      if ('params' in node) this.functions.delete(node);
    }
    const callers = new Set<Caller>();
    for (const [caller, callees] of this.callees) for (const node of callees) if (nodes.has(node)) callers.add(caller);
    for (const named of this.namedCalls.values()) for (const node of nodes) named.delete(node);
    this.seen = this.seen.filter(({ fn, file: of }) => of !== file && !callers.has(fn?.node ?? of));
    this.tooDeep.delete(file);
    return callers;
  }

  /** What it calls may have become something else. */
  #lookAgain(caller: Caller): void {
    this.callees.delete(caller);
    if ('params' in caller) this.#done.delete(caller);
    else this.#runFile(this.project, caller);
  }

  #finish(): void {
    this.#look();
    this.#parents = parentsOf(this.functions);
    this.project.relevance = relevanceOf(this, this.#parents);
  }

  /** Functions are found while others are looked at: the list grows under way. */
  #look(): void {
    for (let before = -1; before !== this.#done.size;) {
      before = this.#done.size;
      for (const fn of this.functions.values()) {
        if (this.#done.has(fn.node)) continue;
        this.#done.add(fn.node);
        if (!hasRoomFor(() => runAlone(this.#walker(this.project, fn.file, fn), fn))) this.tooDeep.add(fn.file);
      }
    }
  }

  #runFile(project: Project, file: FileModel): void {
    const w = this.#walker(project, file, undefined);
    if (!hasRoomFor(() => runAll(w, scopeOf(file, file.env ?? new Env()), file.program.body))) this.tooDeep.add(file);
  }

  #walker(project: Project, file: FileModel, fn: FnValue | undefined): Walker {
    const caller: Caller = fn?.node ?? file;
    return createWalker({
      project,
      mode: 'survey',
      onEffect: (effect) => this.seen.push({ effect, fn, file }),
      onCall: ({ node }) => {
        if (node !== caller) add(this.callees, caller, node);
      },
      onName: (name) => add(this.namedCalls, name, caller),
      onFunction: (found) => this.functions.set(found.node, found),
      onEntry: () => {},
    });
  }
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}

function runAlone(w: Walker, fn: FnValue): void {
  const { node, file } = fn;
  if (node.body === null) return;
  w.state = emptyState();
  const scope = scopeOf(file, new Env(fn.env), { self: fn.self, isAwaited: true });
  bindParams(w, scope, node, inputsOf(fn, isHandler(fn) ? isRequestName : () => false));
  if (node.body.type === 'BlockStatement') runAll(w, scope, node.body.body);
  else settle(w, evaluate(w, scope, node.body), placeOf(file, node.body));
}
