import type { Decorator } from 'oxc-parser';
import type { FunctionNode, Node } from '../source/ast.ts';
import { UNKNOWN, type FnValue, type Value } from '../values/value.ts';
import { Env } from '../walk/env.ts';
import type { Relevance } from '../roles/relevance.ts';
import type { FileModel } from './file-model.ts';
import { Methods } from './methods.ts';
import { createResolver, type Manifest, type Resolver } from './resolve-import.ts';
import { setTypeFinder } from './types.ts';

const MOST_ASKING = 60;

type Declared = { readonly node: Node; readonly file: FileModel };

type Remembered<T> = Map<FileModel, Map<string, { readonly value: T }>>;

function remembered<T>(known: Remembered<T>, file: FileModel, name: string, find: () => T): T {
  const ofFile = known.get(file) ?? new Map<string, { readonly value: T }>();
  if (ofFile.size === 0) known.set(file, ofFile);
  const found = ofFile.get(name) ?? { value: find() };
  ofFile.set(name, found);
  return found.value;
}

/** The files of a tree, and how they lead to each other. */
export class Project {
  readonly files: Map<string, FileModel>;
  readonly methods = new Methods();
  readonly decorated = new Map<FunctionNode, Decorator[]>();
  /** What is worth going into; everything, until the survey has told. */
  relevance: ((node: FunctionNode) => Relevance) | undefined;
  /** Which function of the tree a call means. */
  readonly direct = new WeakMap<Node, FnValue>();
  readonly #resolve: Resolver;
  /** Folders of packages, those within others first. */
  readonly #packages: readonly string[];
  /** What was asked before, until a file changes. */
  readonly #resolved: Remembered<FileModel | undefined> = new Map();
  /** Names being looked up for the sake of each other: one that leads back to itself is nothing. */
  #asking = 0;
  readonly #types: Remembered<Declared | undefined> = new Map();
  readonly #run: (project: Project, file: FileModel) => void;

  /** `run` runs a module's top level when something of it is asked for. */
  constructor(
    files: ReadonlyMap<string, FileModel>,
    manifests: readonly Manifest[],
    run: (project: Project, file: FileModel) => void,
  ) {
    this.files = new Map(files);
    this.#resolve = createResolver((path) => this.files.has(path), manifests);
    this.#packages = manifests.map(({ folder }) => folder).toSorted((a, b) => b.length - a.length);
    this.#run = run;
    for (const file of files.values()) this.#adopt(file);
  }

  #adopt(file: FileModel): void {
    file.env = undefined;
    file.commonJs = undefined;
    setTypeFinder(file, (from, name) => remembered(this.#types, from, name, () => this.#findType(from, name)));
  }

  /** Takes the file in; gives the one that was known by its path. */
  replace(file: FileModel): FileModel | undefined {
    this.#resolved.clear();
    this.#types.clear();
    const old = this.files.get(file.path);
    if (old !== undefined) this.methods.forget(old);
    this.files.set(file.path, file);
    this.#adopt(file);
    return old;
  }

  resolve(from: FileModel, source: string): FileModel | undefined {
    return remembered(this.#resolved, from, source, () => {
      const path = this.#resolve(from.path, source);
      return path === undefined ? undefined : this.files.get(path);
    });
  }

  /** The folder of the package a file belongs to. */
  packageOf(path: string): string {
    return this.#packages.find((folder) => path.startsWith(`${folder}/`)) ?? '';
  }

  /** The environment of a file's top level. */
  envOf(file: FileModel): Env {
    if (file.env !== undefined) return file.env;
    const env = new Env();
    file.env = env;
    for (const [local, { source, name }] of file.imports)
      env.declare(local, { kind: 'lazy', get: () => this.importValue(file, source, name) });
    this.#run(this, file);
    return env;
  }

  /** What an import gives: something of the tree, or a name of a package outside. */
  importValue(from: FileModel, source: string, name: string, asked?: Set<string>): Value {
    const target = this.resolve(from, source);
    if (target === undefined) {
      return {
        kind: 'external',
        source: source.replace(/^node:/, ''),
        path: name === '*' || name === 'default' ? [] : [name],
        isMade: false,
        args: [],
      };
    }
    return name === '*' ? this.#whole(target) : this.exportOf(target, name, asked);
  }

  #whole(file: FileModel): Value {
    this.envOf(file);
    return file.commonJs ?? { kind: 'module', file };
  }

  /** `asked`: on the way to here; files may hand a name on to each other in a circle. */
  exportOf(file: FileModel, name: string, asked = new Set<string>()): Value {
    const env = this.envOf(file);
    if (file.commonJs !== undefined && file.exports.size === 0) {
      if (name === 'default') return file.commonJs;
      return file.commonJs.kind === 'object' ? (file.commonJs.props.get(name) ?? UNKNOWN) : UNKNOWN;
    }
    const question = `${file.path} ${name}`;
    if (asked.has(question) || this.#asking > MOST_ASKING) return UNKNOWN;
    asked.add(question);
    const exported = file.exports.get(name);
    if (exported === undefined) return this.#exportOfOthers(file, name, asked);
    if ('source' in exported) return this.importValue(file, exported.source, exported.name, asked);
    this.#asking += 1;
    try {
      return env.get(exported.local) ?? UNKNOWN;
    } finally {
      this.#asking -= 1;
    }
  }

  #exportOfOthers(file: FileModel, name: string, asked: Set<string>): Value {
    for (const source of file.starExports) {
      const target = this.resolve(file, source);
      const value = target === undefined ? UNKNOWN : this.exportOf(target, name, asked);
      if (value.kind !== 'unknown') return value;
    }
    return UNKNOWN;
  }

  #findType(file: FileModel, name: string, asked = new Set<string>()): Declared | undefined {
    const node = file.types.get(name);
    if (node !== undefined) return { node, file };
    const imported = file.imports.get(name);
    const target = imported === undefined ? undefined : this.resolve(file, imported.source);
    return target === undefined || imported === undefined
      ? undefined
      : this.#exportedType(target, imported.name, asked);
  }

  #exportedType(file: FileModel, name: string, asked: Set<string>): Declared | undefined {
    const node = file.types.get(name);
    if (node !== undefined) return { node, file };
    const question = `${file.path} ${name}`;
    if (asked.has(question)) return undefined;
    asked.add(question);
    const exported = file.exports.get(name);
    if (exported !== undefined && 'local' in exported) return this.#findType(file, exported.local, asked);
    if (exported !== undefined) {
      const target = this.resolve(file, exported.source);
      return target === undefined ? undefined : this.#exportedType(target, exported.name, asked);
    }
    for (const source of file.starExports) {
      const target = this.resolve(file, source);
      const found = target === undefined ? undefined : this.#exportedType(target, name, asked);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
