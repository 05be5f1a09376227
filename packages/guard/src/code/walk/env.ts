import type { Value } from '../values/value.ts';

/** Something imported; looked up when it is used, since files may import each other. */
export type Lazy = { readonly kind: 'lazy'; readonly get: () => Value };

/** Names and what they hold, one for each function call and one for each file. */
export class Env {
  readonly vars = new Map<string, Value | Lazy>();
  readonly parent: Env | undefined;

  constructor(parent?: Env) {
    this.parent = parent;
  }

  get(name: string): Value | undefined {
    const found = this.vars.get(name);
    if (found === undefined) return this.parent?.get(name);
    return found.kind === 'lazy' ? found.get() : found;
  }

  /** The environment that declares the name. */
  home(name: string): Env | undefined {
    return this.vars.has(name) ? this : this.parent?.home(name);
  }

  declare(name: string, value: Value | Lazy): void {
    this.vars.set(name, value);
  }
}
