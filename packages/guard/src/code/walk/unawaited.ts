import { bare, calledName, someBelow, type FunctionNode, type Node } from '../source/ast.ts';
import { placeOf } from '../project/file-model.ts';
import type { FnValue, Value } from '../values/value.ts';
import type { Call } from './call.ts';
import { isSilent } from './try.ts';
import { emit, type Scope, type Walker } from './walker.ts';

/** A call that stands alone without `await`: its failure is nobody's. */
export function noteUnawaited(w: Walker, scope: Scope, written: Node, from: number): void {
  const node = bare(written);
  const call = node.type === 'UnaryExpression' && node.operator === 'void' ? bare(node.argument) : node;
  if (call.type !== 'CallExpression') return;
  const inside = w.trail.slice(from);
  const fn = w.project.direct.get(call);
  const name = calledName(call.callee);
  const isOurs = fn !== undefined && givesPromise(fn);
  const isTold = fn === undefined && inside.some((effect) => effect.kind === 'unresolved' && effect.name === name);
  if (inside.length === 0 || (!isOurs && !isTold)) return;
  emit(w, { kind: 'lost', how: 'unawaited', inside, place: placeOf(scope.file, call) });
}

function givesPromise({ node, file }: FnValue): boolean {
  if (node.async) return true;
  const type = node.returnType?.typeAnnotation;
  if (type !== undefined) return /^Promise\b/.test(file.text.slice(type.start, type.end));
  return returnsCall(node);
}

function returnsCall(node: FunctionNode): boolean {
  if (node.body === null) return false;
  if (node.body.type !== 'BlockStatement') return bare(node.body).type === 'CallExpression';
  return someBelow(
    node.body,
    (each) =>
      each.type === 'ReturnStatement' && each.argument !== null && bare(each.argument).type === 'CallExpression',
  );
}

/** `.catch(() => {})`: what failed before it is forgotten. */
export function noteSwallowedBy(call: Call, handler: Value | undefined): void {
  const { w, place } = call;
  const inside = w.trail.slice(call.from);
  if (inside.length === 0 || handler === undefined || !forgets(handler)) return;
  emit(w, { kind: 'lost', how: 'swallowed', inside, place });
}

const SAYING_NOTHING = new Set(['Literal', 'Identifier', 'ObjectExpression', 'UnaryExpression']);

function forgets(handler: Value): boolean {
  if (handler.kind === 'external') return handler.path.some((name) => /^(?:console|error|warn|log|noop)$/.test(name));
  if (handler.kind === 'mix') return /^(?:error|warn|info|noop)$/.test(handler.op);
  if (handler.kind !== 'fn') return false;
  const { body, params } = handler.node;
  const [param] = params;
  if (body === null) return false;
  if (SAYING_NOTHING.has(bare(body).type)) return true;
  return isSilent({ param: param?.type === 'Identifier' ? param : null, body }, []);
}
