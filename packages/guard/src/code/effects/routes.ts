import { bare, calledName, type Node } from '../source/ast.ts';
import { UNKNOWN } from '../values/value.ts';
import type { CallReader } from '../walk/call.ts';
import { functionsIn } from '../walk/callbacks.ts';
import type { Scope } from '../walk/walker.ts';

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'del', 'all', 'use', 'route']);

/** The path of a route that a call registers; undefined for any other call. */
export function routeOf(scope: Scope, node: Extract<Node, { type: 'CallExpression' }>): string | undefined {
  const callee = bare(node.callee);
  if (callee.type !== 'MemberExpression' || !VERBS.has(calledName(callee))) return undefined;
  const [first, second] = node.arguments;
  if (second === undefined || first?.type !== 'Literal' || typeof first.value !== 'string') return undefined;
  void scope;
  return first.value.startsWith('/') || first.value === '*' ? first.value : undefined;
}

/** Handlers run when a request comes: one after the other, on nothing that is known here. */
export const readRoute: CallReader = ({ w, name, args, receiver }) => {
  const route = w.routes.at(-1);
  if (!VERBS.has(name) || route === undefined || receiver === undefined) return undefined;
  const handlers = functionsIn(args);
  if (handlers.length === 0) return undefined;
  w.onEntry(handlers, route);
  return UNKNOWN;
};
