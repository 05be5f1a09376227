import { keyName, type Class, type FunctionNode } from '../source/ast.ts';
import { placeOf, type Place } from '../project/file-model.ts';
import {
  mix,
  UNDEFINED,
  UNKNOWN,
  type ClassValue,
  type FnValue,
  type InstanceValue,
  type TypeRef,
  type Value,
} from '../values/value.ts';
import { declare } from './assign.ts';
import { Env } from './env.ts';
import { evaluate, settle } from './expressions.ts';
import { scopeOf } from './scope.ts';
import { closeFrame, fork, learned, meet, type Facts, type State } from './state.ts';
import { runAll } from './statements.ts';
import { newId, STEPS, type Scope, type Walker } from './walker.ts';

export function makeFunction(w: Walker, scope: Scope, node: FunctionNode, name?: string): FnValue {
  const known = name ?? node.id?.name ?? '';
  const base = { kind: 'fn' as const, node, env: scope.env, file: scope.file, name: known };
  const fn: FnValue = scope.self === undefined ? base : { ...base, self: scope.self };
  w.onFunction(fn);
  return fn;
}

export function makeClass(w: Walker, scope: Scope, node: Class): ClassValue {
  const made: ClassValue = { kind: 'class', node, env: scope.env, file: scope.file };
  w.project.methods.noteClass(made);
  const self = instanceOf(made);
  for (const member of node.body.body)
    if (member.type === 'MethodDefinition' && member.value.body !== null) {
      const name = keyName(member.key, member.computed) ?? '';
      const fn = makeFunction(w, { ...scope, self }, member.value, name);
      if (member.kind === 'method') w.project.methods.note(name, fn);
      for (const decorator of member.decorators)
        w.project.decorated.set(member.value, [...(w.project.decorated.get(member.value) ?? []), decorator]);
    }
  return made;
}

/** Some instance: what its constructor was given is not known, but for the types. */
export function instanceOf(of: ClassValue): InstanceValue {
  const known = instances.get(of.node);
  if (known !== undefined) return known;
  const props = new Map<string, Value>();
  const instance: InstanceValue = { kind: 'instance', of, props };
  instances.set(of.node, instance);
  const typed = (name: string, node: TypeRef['node'] | undefined): void => {
    const type = node === undefined ? undefined : { node, file: of.file };
    props.set(name, { kind: 'input', path: ['this', name], type, isRequest: false });
  };
  for (const member of of.node.body.body) {
    if (member.type === 'PropertyDefinition' && member.value === null) {
      const name = keyName(member.key, member.computed);
      if (name !== undefined) typed(name, member.typeAnnotation?.typeAnnotation);
    }
    if (member.type !== 'MethodDefinition' || member.kind !== 'constructor') continue;
    for (const param of member.value.params) {
      const pattern = param.type === 'TSParameterProperty' ? param.parameter : undefined;
      const target = pattern?.type === 'AssignmentPattern' ? pattern.left : pattern;
      if (target?.type === 'Identifier') typed(target.name, target.typeAnnotation?.typeAnnotation);
    }
  }
  return instance;
}

const instances = new WeakMap<Class, InstanceValue>();

/** `new` of a class in the tree: its fields, and what its constructor does. */
export function construct(w: Walker, of: ClassValue, args: readonly Value[], from: Place): Value {
  const instance: InstanceValue = { kind: 'instance', of, props: new Map(instanceOf(of).props) };
  const scope = scopeOf(of.file, of.env, { self: instance });
  for (const member of of.node.body.body) {
    const name = member.type === 'PropertyDefinition' ? keyName(member.key, member.computed) : undefined;
    if (member.type === 'PropertyDefinition' && name !== undefined && member.value !== null && !member.static)
      instance.props.set(name, evaluate(w, scope, member.value));
  }
  const maker = of.node.body.body.find((member) => member.type === 'MethodDefinition' && member.kind === 'constructor');
  if (maker?.type !== 'MethodDefinition' || maker.value.body === null) return instance;
  for (const [index, param] of maker.value.params.entries()) {
    if (param.type !== 'TSParameterProperty') continue;
    const target = param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter;
    const given = args[index];
    if (target.type === 'Identifier' && given !== undefined && given.kind !== 'unknown')
      instance.props.set(target.name, given);
  }
  const fn: FnValue = {
    kind: 'fn',
    node: maker.value,
    env: of.env,
    file: of.file,
    name: 'constructor',
    self: instance,
  };
  invoke(w, fn, args, from);
  return instance;
}

/** Calls nested deeper than this are not followed; nothing written by hand comes near. */
const MAX_DEPTH = 40;

/** Runs a function of the tree on these arguments, where it is called from. */
export function invoke(w: Walker, fn: FnValue, args: readonly Value[], from: Place | undefined): Value {
  w.onCall(fn, w);
  const { node, file } = fn;
  if (node.body === null) return UNKNOWN;
  if (w.mode === 'survey' && !isShort(w, fn)) return unread(fn, args);
  if (w.stepsLeft < 0 || w.stack.some((step) => step.fn.node === node)) return unread(fn, args);
  if (w.stack.length >= MAX_DEPTH) {
    w.isTooDeep ||= w.project.relevance?.(node) === 'effects';
    return unread(fn, args);
  }
  if (!isWorth(w, fn, args)) return w.last.get(node) ?? unread(fn, args);
  w.entered.add(node);
  const scope = scopeOf(file, new Env(fn.env), { self: fn.self, isAwaited: node.async || w.stack.length === 0 });
  w.stack.push({ fn, from, checks: w.checks.length, trail: w.trail.length });
  bindParams(w, scope, node, args);
  const before = w.state;
  const frame = openAmbient(w, fn);
  if (node.body.type !== 'BlockStatement') {
    const given = evaluate(w, scope, node.body);
    const value = scope.isAwaited ? settle(w, given, placeOf(file, node.body)) : given;
    if (w.state.isLive) scope.returns.push({ value, state: w.state });
  } else {
    runAll(w, scope, node.body.body);
    if (w.state.isLive) scope.returns.push({ value: UNDEFINED, state: w.state });
  }
  w.stack.pop();
  const result = finish(w, scope.returns, before, frame);
  w.last.set(node, result);
  return result;
}

/** How often one entry goes into the same function: what has effects may matter each time, while the entry is not a large one. */
const ENTRIES = { effects: 40, words: 10 };
const LARGE = { steps: STEPS - 40_000, effects: 6, words: 2 };

function isWorth(w: Walker, { node }: FnValue, args: readonly Value[]): boolean {
  const known = w.project.relevance;
  const isSmall = known === undefined || w.stack.length === 0 || node.end - node.start < 200;
  const relevance = known?.(node) ?? (args.some((arg) => carries(w, arg)) ? 'effects' : isSmall ? 'words' : undefined);
  if (relevance === undefined) return false;
  const times = (w.times.get(node) ?? 0) + 1;
  w.times.set(node, times);
  if (times <= (w.stepsLeft < LARGE.steps ? LARGE : ENTRIES)[relevance]) return true;
  w.isCut ||= relevance === 'effects';
  return false;
}

/** Is given a function that has effects, to call it. */
function carries(w: Walker, value: Value): boolean {
  if (value.kind === 'fn') return w.project.relevance?.(value.node) === 'effects';
  if (value.kind === 'list') return value.items.some((item) => item.kind === 'fn' && carries(w, item));
  return value.kind === 'object' && [...value.props.values()].some((part) => part.kind === 'fn' && carries(w, part));
}

/** `(eb) => ({ … })`: so small that it is part of where it stands. */
function isShort(w: Walker, { node }: FnValue): boolean {
  return (
    node.body !== null && node.body.type !== 'BlockStatement' && w.stack.length < 3 && node.end - node.start < 2_000
  );
}

function unread(fn: FnValue, args: readonly Value[]): Value {
  const type = fn.node.returnType?.typeAnnotation;
  const isTyped =
    type !== undefined &&
    !/^(?:Promise<)?(?:void|boolean|string|number)>?$/.test(fn.file.text.slice(type.start, type.end));
  if (isTyped) return { kind: 'input', path: [`${fn.name}()`], type: { node: type, file: fn.file }, isRequest: false };
  return mix(fn.name, args);
}

/** `@Transactional()`: whatever the method does is inside. */
function openAmbient(w: Walker, fn: FnValue): number | undefined {
  const decorators = w.project.decorated.get(fn.node) ?? [];
  const isOne = decorators.some((decorator) =>
    /transactional/i.test(fn.file.text.slice(decorator.start, decorator.end)),
  );
  if (!isOne) return undefined;
  const id = newId(w);
  w.state.frames = [
    ...w.state.frames,
    { id, kind: 'ambient', handle: undefined, place: placeOf(fn.file, fn.node), depth: w.stack.length - 1 },
  ];
  return id;
}

export function bindParams(w: Walker, scope: Scope, node: FunctionNode, args: readonly Value[]): void {
  for (const [index, param] of node.params.entries()) {
    if (param.type === 'RestElement') declare(w, scope, param.argument, { kind: 'list', items: args.slice(index) });
    else declare(w, scope, param, args[index] ?? UNDEFINED);
  }
}

type Return = { readonly value: Value; readonly state: State };

function finish(w: Walker, returns: readonly Return[], before: State, frame: number | undefined): Value {
  const [first, ...rest] = returns;
  if (first === undefined) {
    w.state = { ...fork(before), isLive: w.stepsLeft < 0 };
    return UNKNOWN;
  }
  const after = fork(rest.reduce((state, each) => meet(state, each.state), first.state));
  if (frame !== undefined) closeFrame(after, frame);
  w.state = after;
  if (rest.length === 0) return first.value;
  return oneOf(returns.map(({ value, state }) => ({ value, facts: learned(after.facts, state.facts) })));
}

type Option = { readonly value: Value; readonly facts: Facts };

/** Results that say nothing apart from each other are one. */
function oneOf(options: readonly Option[]): Value {
  const flat = options.flatMap((option) =>
    option.value.kind === 'either'
      ? option.value.options.map(({ value, facts }) => ({
          value,
          facts: facts.size === 0 ? option.facts : new Map([...option.facts, ...facts]),
        }))
      : [option],
  );
  const [first] = flat;
  if (first === undefined) return UNKNOWN;
  const isSame = flat.every(({ value, facts }) => value === first.value && facts.size === 0);
  return isSame ? first.value : { kind: 'either', options: flat.slice(0, 10) };
}

/** What an entry is given: inputs with their names and types. */
export function inputsOf(fn: FnValue, isRequest: (name: string) => boolean): Value[] {
  return fn.node.params.map((param) => {
    const written = param.type === 'TSParameterProperty' ? param.parameter : param;
    const pattern = written.type === 'AssignmentPattern' ? written.left : written;
    if (pattern.type === 'RestElement') return UNKNOWN;
    const name = pattern.type === 'Identifier' ? pattern.name : '';
    const annotation = pattern.typeAnnotation?.typeAnnotation;
    const type = annotation === undefined ? undefined : { node: annotation, file: fn.file };
    return { kind: 'input', path: name === '' ? [] : [name], type, isRequest: isRequest(name) };
  });
}
