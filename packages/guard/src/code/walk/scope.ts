import type { FileModel } from '../project/file-model.ts';
import type { Value } from '../values/value.ts';
import { Env } from './env.ts';
import type { Scope } from './walker.ts';

export function scopeOf(file: FileModel, env: Env, of: { self?: Value | undefined; isAwaited?: boolean } = {}): Scope {
  return { env, file, self: of.self, isAwaited: of.isAwaited ?? false, returns: [], exits: [] };
}

/** The same function, in a block of its own. */
export function inner(scope: Scope): Scope {
  return { ...scope, env: new Env(scope.env) };
}
