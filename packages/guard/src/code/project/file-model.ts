import type { Comment } from 'oxc-parser';
import type { Class, Node, Program } from '../source/ast.ts';
import type { Value } from '../values/value.ts';
import type { Env } from '../walk/env.ts';

export type Place = { readonly file: FileModel; readonly start: number; readonly end: number };

/** Something imported under a local name; `name` is '*' for the whole module. */
export type ImportedName = { readonly source: string; readonly name: string };

/** One file of the tree: its tree of nodes, and what importing files can ask of it. */
export type FileModel = {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly lines: readonly number[];
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** Type aliases, interfaces and classes by name. */
  readonly types: ReadonlyMap<string, Node | Class>;
  /** Exported name → local name or the module it comes from. */
  readonly exports: ReadonlyMap<string, ExportedName>;
  readonly starExports: readonly string[];
  /** Set when the module has been run. */
  env: Env | undefined;
  /** `module.exports` of a CommonJS file. */
  commonJs: Value | undefined;
};

export type ExportedName = { readonly local: string } | { readonly source: string; readonly name: string };

export function placeOf(file: FileModel, node: { start: number; end: number }): Place {
  return { file, start: node.start, end: node.end };
}
