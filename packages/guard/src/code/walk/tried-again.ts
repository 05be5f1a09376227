import { placeOf, type Place } from '../project/file-model.ts';
import { bare, calledName, childrenOf, isFunction, keyName, someBelow, type Node } from '../source/ast.ts';
import type { Walker } from './walker.ts';

export type LoopNode = Extract<
  Node,
  { type: `For${string}Statement` | 'WhileStatement' | 'DoWhileStatement' | 'ForStatement' }
>;

/** What happens at `place` happens again when it has failed: by a helper that retries, or by a loop around it. */
export function isTriedAgain(w: Walker, place: Place): boolean {
  return w.loops.some(({ isRetry, source }) => {
    if (!isRetry || source === undefined) return isRetry;
    const step = w.stack[source.depth];
    const at = step === undefined ? place : (step.from ?? placeOf(step.fn.file, step.fn.node));
    return at.file === source.file && triesAgain(source.node, at);
  });
}

type Span = { readonly start: number; readonly end: number };

function holds(node: Span, at: Span): boolean {
  return node.start <= at.start && at.end <= node.end;
}

/** The loop is left once it went well, and goes round for the same again when it did not: neither for the next of a list nor for the next turn of a talk. */
function triesAgain(node: LoopNode, at: Span): boolean {
  if (!holds(node.body, at) || isOverList(node) || takesNext(node, at)) return false;
  const endings = endingsOf(node).filter(({ target, end }) => end > at.start && !isSent(node.body, at, target));
  if (!isLeftAfter(node.body, at) && endings.length === 0) return false;
  return (
    countsAttempts(node) ||
    goesOnAfterFailure(node.body, at) ||
    (endings.length > 0 && 'test' in node && asksOutcome(node.test)) ||
    endings.some((ending) => isOnlyWhenWell(node.body, at, ending))
  );
}

type Ending = Span & { readonly target: string };

/** What is given to a name that the loop's condition asks about, other than the next of a count: `while (n < 3 && !done)` and `done = true`. */
export function endingsOf(node: LoopNode): Ending[] {
  const test = 'test' in node ? node.test : null;
  if (test === null) return [];
  const asked = new Set<string>();
  someBelow(test, (each) => {
    if (each.type === 'Identifier') asked.add(each.name);
    return false;
  });
  const endings: Ending[] = [];
  const note = (each: Node): void => {
    if (isFunction(each) || each.type === 'CatchClause') return;
    if (each.type === 'AssignmentExpression' && each.operator === '=' && each.left.type === 'Identifier') {
      const target = each.left.name;
      if (asked.has(target) && !mentions(each.right, target))
        endings.push({ target, start: each.start, end: each.end });
    }
    for (const child of childrenOf(each)) note(child);
  };
  note(node.body);
  return endings;
}

/** The variable, as opposed to a property that is called so too. */
function mentions(node: Node, name: string): boolean {
  if (node.type === 'Identifier') return node.name === name;
  if (node.type === 'MemberExpression' && !node.computed) return mentions(node.object, name);
  return childrenOf(node).some((child) => mentions(child, name));
}

/** It goes out with the call, and so is the next page or turn. */
function isSent(body: Node, at: Span, name: string): boolean {
  return someAt(body, at, (each) => each.type === 'Identifier' && each.name === name && holds(at, each));
}

/** `!answer.ok`, `answer.status !== 200` */
function asksOutcome(test: Node | null): boolean {
  return (
    test !== null &&
    someBelow(
      test,
      (each) =>
        each.type === 'MemberExpression' &&
        /^(?:ok|status|statusCode|status_code)$/.test(keyName(each.property, each.computed) ?? ''),
    )
  );
}

/** `if (answer.ok) done = true`: the other way goes round. */
function isOnlyWhenWell(body: Node, at: Span, ending: Span): boolean {
  return someBelow(
    body,
    (each) =>
      each.type === 'IfStatement' &&
      each.start > at.start &&
      asksOutcome(each.test) &&
      holds(each.consequent, ending) &&
      (each.alternate === null || !leaves(each.alternate)),
  );
}

/** Up to the length of something, or by more than one at a time: through a list. */
function isOverList(node: LoopNode): boolean {
  if (!('test' in node)) return true;
  const isToLength = node.test !== null && someBelow(node.test, isLength);
  return isToLength || (node.type === 'ForStatement' && node.update !== null && isStride(node.update));
}

function isLength(node: Node): boolean {
  return node.type === 'MemberExpression' && keyName(node.property, node.computed) === 'length';
}

function isStride(update: Node): boolean {
  return (
    update.type === 'AssignmentExpression' &&
    update.operator === '+=' &&
    !(update.right.type === 'Literal' && update.right.value === 1)
  );
}

function countsAttempts(node: LoopNode): boolean {
  const heads = node.type === 'ForStatement' ? [node.init, node.test, node.update] : 'test' in node ? [node.test] : [];
  return heads.some(
    (head) =>
      head !== null &&
      someBelow(head, (each) => each.type === 'Identifier' && /attempt|retry|retries|tries|tried/i.test(each.name)),
  );
}

/** A way out of the loop behind the call, or with the call's answer; those of a handler are no success. */
function isLeftAfter(node: Node, at: Span, isInner = false): boolean {
  if (isFunction(node) || node.type === 'CatchClause') return false;
  if (node.type === 'ReturnStatement') return node.end > at.start;
  if (node.type === 'BreakStatement') return node.end > at.start && (!isInner || node.label !== null);
  return childrenOf(node).some((child) => isLeftAfter(child, at, isInner || isOwnBreaker(node)));
}

/** What a break within it leaves is itself. */
function isOwnBreaker({ type }: Node): boolean {
  return /^(?:For\w*|While|DoWhile|Switch)Statement$/.test(type);
}

/** What is sent is taken anew each time: an element of a list, what a queue gives. */
function takesNext(node: LoopNode, at: Span): boolean {
  const isEndless = node.type === 'ForStatement' ? node.test === null : isAlways(node);
  const counters = countersOf(node);
  const names = new Set<string>();
  const note = (each: Node): void => {
    if (isFunction(each) || each.type === 'CatchClause' || each.start >= at.start) return;
    if (each.type === 'VariableDeclarator' && each.id.type === 'Identifier' && each.init !== null)
      if (each.end <= at.start && isNext(each.init, { isEndless, counters })) names.add(each.id.name);
    for (const child of childrenOf(each)) note(child);
  };
  note(node.body);
  return names.size > 0 && someAt(node.body, at, (each) => each.type === 'Identifier' && names.has(each.name));
}

function isAlways(node: LoopNode): boolean {
  return 'test' in node && node.test?.type === 'Literal' && node.test.value === true;
}

/** Names that the loop counts up or down. */
function countersOf(node: LoopNode): Set<string> {
  const names = new Set<string>();
  someBelow(node, (each) => {
    if (each.type === 'UpdateExpression' && each.argument.type === 'Identifier') names.add(each.argument.name);
    if (each.type === 'AssignmentExpression' && each.left.type === 'Identifier') names.add(each.left.name);
    return false;
  });
  return names;
}

type Round = { readonly isEndless: boolean; readonly counters: ReadonlySet<string> };

function isNext(init: Node, round: Round): boolean {
  const value = bare(init);
  switch (value.type) {
    case 'MemberExpression': {
      const isCounted = (each: Node): boolean => each.type === 'Identifier' && round.counters.has(each.name);
      return value.computed && someBelow(value.property, isCounted);
    }
    case 'AwaitExpression':
      return round.isEndless || isNext(value.argument, round);
    case 'CallExpression':
      return /^(?:shift|pop|next|dequeue)$/.test(calledName(value.callee));
    default:
      return false;
  }
}

/** Something in what is written at `at` passes. */
function someAt(body: Node, at: Span, test: (node: Node) => boolean): boolean {
  return someBelow(body, (each) => holds(at, each) && test(each), true);
}

/** A failure is caught, or seen in the answer, and the loop goes round. */
function goesOnAfterFailure(body: Node, at: Span): boolean {
  return someBelow(body, (node) => {
    switch (node.type) {
      case 'TryStatement':
        return node.handler !== null && holds(node.block, at) && !leaves(node.handler.body);
      case 'CallExpression':
        return (
          node.callee.type === 'MemberExpression' &&
          calledName(node.callee) === 'catch' &&
          holds(node.callee.object, at)
        );
      case 'IfStatement':
        return node.start > at.start && asksWhetherItWentWell(node);
      default:
        return false;
    }
  });
}

/** `if (answer.ok) return …`, `if (!answer.ok) continue`. */
function asksWhetherItWentWell({ test, consequent }: Extract<Node, { type: 'IfStatement' }>): boolean {
  const isNegated = test.type === 'UnaryExpression' && test.operator === '!';
  const asked = bare(isNegated ? test.argument : test);
  const isOk = asked.type === 'MemberExpression' && keyName(asked.property, asked.computed) === 'ok';
  return isOk && (isNegated ? someBelow(consequent, ({ type }) => type === 'ContinueStatement') : leaves(consequent));
}

/** Does not come to its end: throws, gives back or leaves the loop. */
function leaves(node: Node): boolean {
  switch (node.type) {
    case 'ThrowStatement':
    case 'ReturnStatement':
    case 'BreakStatement':
      return true;
    case 'BlockStatement': {
      const end = node.body.find((each) => each.type === 'ContinueStatement' || leaves(each));
      return end !== undefined && end.type !== 'ContinueStatement';
    }
    case 'IfStatement':
      return node.alternate !== null && leaves(node.consequent) && leaves(node.alternate);
    default:
      return false;
  }
}
