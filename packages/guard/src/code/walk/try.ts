import { pathText, someBelow, type Node } from '../source/ast.ts';
import { placeOf } from '../project/file-model.ts';
import { UNKNOWN } from '../values/value.ts';
import { declare } from './assign.ts';
import { fork, meet } from './state.ts';
import { inner } from './scope.ts';
import { run } from './statements.ts';
import { emit, type Scope, type Walker } from './walker.ts';

type Try = Extract<Node, { type: 'TryStatement' }>;

/** After a try everything its block did is known, unless its handler goes on: then only what was known before. */
export function runTry(w: Walker, scope: Scope, node: Try): void {
  const before = fork(w.state);
  const from = w.trail.length;
  run(w, scope, node.block);
  const inside = w.trail.slice(from);
  const after = w.state;
  if (node.handler !== null) {
    const { handler } = node;
    const within = inner(scope);
    if (handler.param !== null) declare(w, within, handler.param, UNKNOWN);
    w.state = fork(before);
    const handlerFrom = w.trail.length;
    run(w, within, handler.body);
    if (
      inside.length > 0 &&
      isSilent(
        handler,
        w.trail.slice(handlerFrom).map(({ kind }) => kind),
      )
    )
      emit({ ...w, state: before }, { kind: 'lost', how: 'swallowed', inside, place: placeOf(scope.file, handler) });
    w.state = meet(after, w.state);
  }
  if (node.finalizer !== null) {
    const { isLive } = w.state;
    w.state.isLive = true;
    run(w, scope, node.finalizer);
    w.state.isLive = w.state.isLive && isLive;
  }
}

type Handler = { readonly param: Node | null; readonly body: Node };

/** Neither throws nor keeps the error nor writes nor sends anything: nobody will ever know. */
export function isSilent(handler: Handler, effects: readonly string[]): boolean {
  if (effects.some((kind) => kind === 'statement' || kind === 'enqueue' || kind === 'network' || kind === 'redis'))
    return false;
  const error = handler.param?.type === 'Identifier' ? handler.param.name : undefined;
  return !someBelow(handler.body, (node) => speaks(node, error));
}

/** Throws it, gives it back, keeps it, ends the process, or hands it to somebody who does not merely write it down. */
function speaks(node: Node, error: string | undefined): boolean {
  switch (node.type) {
    case 'ThrowStatement':
    case 'AssignmentExpression':
      return true;
    case 'ReturnStatement':
      return node.argument !== null && mentions(node.argument, error);
    case 'CallExpression':
      return isExit(node) || (node.arguments.some((argument) => mentions(argument, error)) && !isLogging(node));
    default:
      return false;
  }
}

/** `process.exit(1)`: whoever started the process is told. */
function isExit({ callee }: Extract<Node, { type: 'CallExpression' }>): boolean {
  return pathText(callee) === 'process.exit' || pathText(callee) === 'Deno.exit';
}

function mentions(node: Node, name: string | undefined): boolean {
  return name !== undefined && someBelow(node, (each) => each.type === 'Identifier' && each.name === name);
}

function isLogging(node: Extract<Node, { type: 'CallExpression' }>): boolean {
  return (
    node.callee.type === 'MemberExpression' &&
    node.callee.property.type === 'Identifier' &&
    /^(?:trace|debug|info|warn|error|fatal|log|verbose|captureException|inc)$/.test(node.callee.property.name)
  );
}
