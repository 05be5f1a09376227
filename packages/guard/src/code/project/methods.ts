import type { Class, Node } from '../source/ast.ts';
import type { ClassValue, FnValue } from '../values/value.ts';
import type { Env } from '../walk/env.ts';
import type { FileModel } from './file-model.ts';

/** A property whose value is made by a call: which function that is shows when it is asked for. */
export type LaterMethod = { readonly node: Node; readonly env: Env; readonly file: FileModel };

/** Functions of the tree that are properties, by name: whom a call through an interface may mean. */
export class Methods {
  readonly byName = new Map<string, FnValue[]>();
  readonly later = new Map<string, LaterMethod[]>();
  readonly classes = new Map<Class, ClassValue>();

  note(name: string, fn: FnValue): void {
    const known = this.byName.get(name) ?? [];
    const index = known.findIndex((each) => each.node === fn.node);
    if (index >= 0) known[index] = fn;
    else known.push(fn);
    this.byName.set(name, known);
  }

  noteLater(name: string, method: LaterMethod): void {
    const known = this.later.get(name) ?? [];
    if (!known.some((each) => each.node === method.node)) this.later.set(name, [...known, method]);
  }

  noteClass(made: ClassValue): void {
    this.classes.set(made.node, made);
  }

  forget(file: FileModel): void {
    for (const [name, fns] of this.byName)
      this.byName.set(
        name,
        fns.filter((fn) => fn.file !== file),
      );
    for (const [name, later] of this.later)
      this.later.set(
        name,
        later.filter((each) => each.file !== file),
      );
    for (const [node, made] of this.classes) if (made.file === file) this.classes.delete(node);
  }

  find(name: string): readonly FnValue[] {
    return this.byName.get(name) ?? [];
  }
}
