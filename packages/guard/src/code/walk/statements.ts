import { bare, isFunction, keyName, someBelow, type Node } from '../source/ast.ts';
import { placeOf } from '../project/file-model.ts';
import { UNDEFINED, UNKNOWN, type Value } from '../values/value.ts';
import { assign, declare } from './assign.ts';
import { branch } from './branch.ts';
import { evaluate, settle } from './expressions.ts';
import { makeClass, makeFunction } from './functions.ts';
import { inner } from './scope.ts';
import { addFacts, fork, meet, type State } from './state.ts';
import { factsOf, namesIn, noteCheck } from './tests.ts';
import { endingsOf, type LoopNode } from './tried-again.ts';
import { runTry } from './try.ts';
import { noteUnawaited } from './unawaited.ts';
import type { Scope, Walker } from './walker.ts';

/** Runs statements in order; what comes after a return or a throw is left out. */
export function runAll(w: Walker, scope: Scope, body: readonly Node[]): void {
  for (const node of body) hoist(w, scope, node);
  for (const node of body) {
    if (!w.state.isLive) return;
    run(w, scope, node);
  }
}

/** Functions can be called above where they are written. */
function hoist(w: Walker, scope: Scope, node: Node): void {
  const declared =
    (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration') && node.declaration !== null
      ? node.declaration
      : node;
  if (isFunction(declared) && declared.type === 'FunctionDeclaration' && declared.body !== null)
    scope.env.declare(declared.id?.name ?? '*default*', makeFunction(w, scope, declared));
}

export function run(w: Walker, scope: Scope, node: Node): void {
  w.stepsLeft -= 1;
  switch (node.type) {
    case 'ExpressionStatement': {
      const from = w.trail.length;
      const value = evaluate(w, scope, node.expression);
      if (bare(node.expression).type === 'CallExpression') settle(w, value, placeOf(scope.file, node));
      noteUnawaited(w, scope, node.expression, from);
      return;
    }
    case 'VariableDeclaration':
      for (const { id, init } of node.declarations) {
        const value = init === null ? UNDEFINED : evaluate(w, scope, init);
        if (init !== null || node.kind !== 'var') declare(w, scope, id, value);
      }
      return;
    case 'ReturnStatement': {
      const given = node.argument === null ? UNDEFINED : evaluate(w, scope, node.argument);
      const value = scope.isAwaited ? settle(w, given, placeOf(scope.file, node)) : given;
      if (w.state.isLive) scope.returns.push({ value, state: fork(w.state) });
      w.state.isLive = false;
      return;
    }
    case 'ThrowStatement':
      evaluate(w, scope, node.argument);
      w.state.isLive = false;
      return;
    case 'BlockStatement':
      return runAll(w, inner(scope), node.body);
    case 'IfStatement':
      return runIf(w, scope, node);
    case 'TryStatement':
      return runTry(w, scope, node);
    case 'SwitchStatement':
      return runSwitch(w, scope, node);
    case 'BreakStatement':
    case 'ContinueStatement':
      if (node.type === 'BreakStatement') scope.exits.push(fork(w.state));
      w.state.isLive = false;
      return;
    case 'LabeledStatement':
      return run(w, scope, node.body);
    case 'ForStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return runLoop(w, scope, node);
    default:
      return runDeclaration(w, scope, node);
  }
}

function runDeclaration(w: Walker, scope: Scope, node: Node): void {
  switch (node.type) {
    case 'ClassDeclaration':
      if (node.id !== null) scope.env.declare(node.id.name, makeClass(w, scope, node));
      return;
    case 'ExportNamedDeclaration':
      if (node.declaration !== null) run(w, scope, node.declaration);
      return;
    case 'ExportDefaultDeclaration': {
      const { declaration } = node;
      if (isFunction(declaration) && declaration.type === 'FunctionDeclaration') {
        if (declaration.id !== null) scope.env.declare('*default*', scope.env.get(declaration.id.name) ?? UNKNOWN);
      } else if (declaration.type === 'ClassDeclaration')
        scope.env.declare('*default*', makeClass(w, scope, declaration));
      else if (declaration.type !== 'TSInterfaceDeclaration')
        scope.env.declare('*default*', evaluate(w, scope, declaration));
      return;
    }
    case 'TSExportAssignment':
      scope.env.declare('*default*', evaluate(w, scope, node.expression));
      return;
    default:
  }
}

type If = Extract<Node, { type: 'IfStatement' }>;

function runIf(w: Walker, scope: Scope, node: If): void {
  const test = evaluate(w, scope, node.test);
  const { whenTrue, whenFalse } = factsOf(w, test);
  w.guards.push({ names: namesIn(node.test), depth: w.stack.length });
  branch(
    w,
    () => {
      addFacts(w.state, whenTrue);
      run(w, scope, node.consequent);
      if (!w.state.isLive) noteCheck(w, { node: node.test, value: test, scope });
    },
    () => {
      addFacts(w.state, whenFalse);
      if (node.alternate !== null) run(w, scope, node.alternate);
      if (!w.state.isLive) noteCheck(w, { node: node.test, value: test, scope });
    },
  );
  w.guards.pop();
}

type Switch = Extract<Node, { type: 'SwitchStatement' }>;

function runSwitch(w: Walker, scope: Scope, node: Switch): void {
  const value = evaluate(w, scope, node.discriminant);
  const { whenTrue, whenFalse } = factsOf(w, { kind: 'mix', op: 'switch', of: [value] });
  const before = w.state;
  const exits: State[] = [];
  const within = { ...inner(scope), exits };
  let running: State | undefined;
  for (const each of node.cases) {
    const start = fork(before);
    addFacts(start, whenTrue);
    addFacts(start, whenFalse);
    w.state = running?.isLive === true ? meet(running, start) : start;
    runAll(w, within, each.consequent);
    running = w.state;
    if (!running.isLive && each.consequent.length > 0) noteCheck(w, { node: node.discriminant, value, scope });
  }
  const ends = [...exits, ...(running === undefined ? [] : [running])];
  if (!node.cases.some((each) => each.test === null)) ends.push(fork(before));
  w.state = ends.reduce(meet);
}

/** A loop's body is taken to run, once: what a list is empty of needs nothing. */
function runLoop(w: Walker, scope: Scope, node: LoopNode): void {
  const exits: State[] = [];
  const within: Scope = { ...inner(scope), exits };
  if (node.type === 'ForStatement' && node.init !== null) {
    if (node.init.type === 'VariableDeclaration') run(w, within, node.init);
    else evaluate(w, within, node.init);
  }
  let over: Value | undefined;
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') over = bindEach(w, within, node);
  else if (node.type !== 'DoWhileStatement' && node.test !== null) {
    const { whenTrue } = factsOf(w, evaluate(w, within, node.test));
    addFacts(w.state, whenTrue);
  }
  const before = fork(w.state);
  w.loops.push({
    isRetry: isCounting(node) && endsOnSuccess(node),
    over,
    isGoingOn: node.type === 'WhileStatement' || node.type === 'DoWhileStatement' || isEndless(node),
    source: { node, file: scope.file, depth: w.stack.length },
  });
  run(w, within, node.body);
  w.loops.pop();
  if (w.state.isLive && node.type === 'ForStatement' && node.update !== null) evaluate(w, within, node.update);
  const ends = [...exits, ...(w.state.isLive && !isEndless(node) ? [w.state] : [])];
  const [first, ...rest] = ends;
  if (first !== undefined) w.state = rest.reduce(meet, first);
  else if (isEndless(node) && w.state.isLive) w.state.isLive = false;
  else if (!isEndless(node)) w.state = before;
}

function bindEach(w: Walker, scope: Scope, node: Extract<Node, { type: 'ForOfStatement' | 'ForInStatement' }>): Value {
  const list = evaluate(w, scope, node.right);
  const each = node.type === 'ForOfStatement' ? eachOf(settle(w, list, placeOf(scope.file, node.right))) : UNKNOWN;
  if (node.left.type === 'VariableDeclaration') {
    const [first] = node.left.declarations;
    if (first !== undefined) declare(w, scope, first.id, each);
  } else assign(w, scope, node.left, each);
  return list;
}

/** What a loop over the value is given. */
export function eachOf(list: Value): Value {
  if (list.kind === 'list') return list.items[0] ?? UNKNOWN;
  if (list.kind === 'rows' || list.kind === 'input') return list;
  if (list.kind === 'mix')
    return list.of.find((part) => part.kind === 'rows' || part.kind === 'list') === undefined
      ? list
      : eachOf(list.of.find((part) => part.kind === 'rows' || part.kind === 'list') ?? UNKNOWN);
  if (list.kind === 'either')
    return eachOf(list.options.find((option) => option.value.kind !== 'literal')?.value ?? UNKNOWN);
  return UNKNOWN;
}

function isEndless(node: LoopNode): boolean {
  if (node.type === 'ForStatement') return node.test === null;
  return (
    (node.type === 'WhileStatement' || node.type === 'DoWhileStatement') &&
    node.test.type === 'Literal' &&
    node.test.value === true
  );
}

/** Goes round again only while it has not come out well. */
function endsOnSuccess(node: LoopNode): boolean {
  return (
    someBelow(node.body, (each) => each.type === 'ReturnStatement' || each.type === 'BreakStatement') ||
    endingsOf(node).length > 0
  );
}

/** Counts up to something, or goes on until told otherwise: the shape of trying again, not of going through a list. */
function isCounting(node: LoopNode): boolean {
  if (node.type === 'WhileStatement' || node.type === 'DoWhileStatement') return true;
  if (node.type !== 'ForStatement') return false;
  if (node.test === null) return true;
  const { test } = node;
  if (test.type !== 'BinaryExpression') return true;
  return !(test.right.type === 'MemberExpression' && keyName(test.right.property, test.right.computed) === 'length');
}
