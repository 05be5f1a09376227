import { bare, calledName, pathText, type Node } from '../source/ast.ts';
import { placeOf, type FileModel } from '../project/file-model.ts';
import { declarationOf, hasMember } from '../project/types.ts';
import { readLog } from '../effects/logs.ts';
import { readNetwork } from '../effects/network.ts';
import { readQueue } from '../effects/queues.ts';
import { readRedis } from '../effects/redis.ts';
import { readRoute, routeOf } from '../effects/routes.ts';
import { readThrottle } from '../effects/throttles.ts';
import { readOrm } from '../queries/orm.ts';
import { queryMethod, startQuery } from '../queries/builders.ts';
import { readSqlSink } from '../queries/send.ts';
import { beginBatch, readTransaction } from '../queries/transactions.ts';
import { mix, originsOf, UNKNOWN, type FnValue, type Value } from '../values/value.ts';
import { functionsIn, runCallbacks, runDetached } from './callbacks.ts';
import type { Call, CallReader } from './call.ts';
import { readCollection } from './collections.ts';
import { elements, evaluate } from './expressions.ts';
import { construct, instanceOf, invoke } from './functions.ts';
import { classMember, memberOf } from './members.ts';
import { readPromise } from './promises.ts';
import { closeFrame, noteLooked } from './state.ts';
import { aside, emit, type Scope, type Walker } from './walker.ts';
import { branch } from './branch.ts';

type CallNode = Extract<Node, { type: 'CallExpression' }>;

export function evaluateCall(w: Walker, scope: Scope, node: CallNode): Value {
  const callee = bare(node.callee);
  const route = routeOf(scope, node);
  if (route === undefined) return evaluateAny(w, scope, node, callee);
  w.routes.push(route);
  const value = evaluateAny(w, scope, node, callee);
  w.routes.pop();
  return value;
}

function evaluateAny(w: Walker, scope: Scope, node: CallNode, callee: Node): Value {
  if (callee.type === 'MemberExpression') return methodCall(w, scope, node, callee);
  if (callee.type === 'Identifier' && callee.name === 'require') {
    const [source] = node.arguments;
    if (source?.type === 'Literal' && typeof source.value === 'string')
      return w.project.importValue(scope.file, source.value, '*');
  }
  if (callee.type === 'Super') return UNKNOWN;
  const from = w.trail.length;
  const value = evaluate(w, scope, callee);
  const args = elements(w, scope, node.arguments);
  const name = calledName(node.callee);
  return apply({
    w,
    scope,
    node,
    name,
    receiverText: '',
    receiver: undefined,
    callee: value,
    args,
    place: placeOf(scope.file, node),
    from,
  });
}

function methodCall(
  w: Walker,
  scope: Scope,
  node: CallNode,
  callee: Extract<Node, { type: 'MemberExpression' }>,
): Value {
  const name = calledName(callee);
  const from = w.trail.length;
  const started = startQuery(w, scope, callee.object, name);
  const receiver =
    started === undefined ? evaluate(w, scope, callee.object) : { kind: 'query' as const, query: started };
  const batch =
    name === '$transaction' && node.arguments[0]?.type === 'ArrayExpression'
      ? beginBatch(w, placeOf(scope.file, node))
      : undefined;
  const args = elements(w, scope, node.arguments);
  if (batch !== undefined) closeFrame(w.state, batch);
  const place = placeOf(scope.file, node);
  const member = receiver.kind === 'query' ? UNKNOWN : memberOf(w, scope, receiver, name);
  const call: Call = {
    w,
    scope,
    node,
    name,
    receiverText: pathText(callee.object),
    receiver,
    callee: member,
    args,
    place,
    from,
  };
  if (receiver.kind === 'query') return queryMethod(call, receiver.query);
  return apply(call);
}

const READERS: readonly CallReader[] = [
  readTransaction,
  readSqlSink,
  readOrm,
  readPromise,
  readCollection,
  readLog,
  readRedis,
  readQueue,
  readThrottle,
  readNetwork,
  readRoute,
];

function apply(call: Call): Value {
  const { w, callee, args, place } = call;
  // Who is handed a function may call it.
  if (w.mode === 'survey') for (const fn of functionsIn(args)) w.onCall(fn, w);
  const known = resolve(call);
  if (known.length > 0) {
    const [first] = known;
    if (first !== undefined) w.project.direct.set(call.node, first);
    // So may one of ours who is handed it under a name.
    if (w.mode === 'survey') for (const fn of functionsIn(args.flatMap(namedParts))) w.onCall(fn, w);
    return invokeAll(w, known, args, call);
  }
  for (const read of READERS) {
    const value = read(call);
    if (value !== undefined) return value;
  }
  if (callee.kind === 'external' && callee.source === 'eb') return ebCall(call);
  const guessed = guess(call);
  if (guessed !== undefined) {
    w.project.direct.set(call.node, guessed);
    return invoke(w, guessed, args, place);
  }
  return unresolved(call, callee);
}

function namedParts(value: Value): Value[] {
  return value.kind === 'object' ? [...value.props.values()] : [];
}

/** Whom the call means for certain: the function itself, or those a type of the tree leads to. */
function resolve(call: Call): readonly FnValue[] {
  const { w, callee, receiver, name } = call;
  if (callee.kind === 'fn') return [callee];
  if (callee.kind === 'either') {
    const fns = callee.options.flatMap(({ value }) => (value.kind === 'fn' ? [value] : []));
    if (fns.length > 0) return fns.slice(0, 3);
  }
  if (receiver?.kind !== 'input' || receiver.type === undefined) return [];
  const declared = declarationOf(receiver.type);
  if (declared === undefined) return [];
  if (declared.node.type === 'ClassDeclaration') {
    const made = w.project.methods.classes.get(declared.node);
    if (made === undefined) return [];
    const member = classMember(w, made, { name, self: instanceOf(made), isStatic: false });
    return member.kind === 'fn' ? [member] : [];
  }
  return hasMember(receiver.type, name) ? nearest(w, declared.file, byName(call)).slice(0, 3) : [];
}

/** A name that more properties have means none of them. */
const MOST_LATER = 3;

/** Every function of the tree that is a property of this name. */
function byName({ w, scope, name }: Call): FnValue[] {
  // One that does nothing stands in for another.
  const found = w.project.methods.find(name).filter(({ node }) => !isEmpty(node.body));
  const later = w.mode === 'review' && found.length === 0 ? (w.project.methods.later.get(name) ?? []) : [];
  if (later.length <= MOST_LATER)
    for (const each of later) {
      // `{ changed: row.changed() }` leads back to itself.
      if (w.asking.has(each.node)) continue;
      w.asking.add(each.node);
      const value = aside(w, () =>
        evaluate(w, { ...scope, env: each.env, file: each.file, self: undefined }, each.node),
      );
      w.asking.delete(each.node);
      if (value.kind === 'fn') found.push(value);
    }
  return found;
}

function isEmpty(body: Node | null): boolean {
  return body?.type === 'BlockStatement' && body.body.length === 0;
}

/** Those of the same package as the file, if there are any. */
function nearest(w: Walker, { path }: FileModel, fns: readonly FnValue[]): readonly FnValue[] {
  const home = w.project.packageOf(path);
  const near = fns.filter(({ file }) => w.project.packageOf(file.path) === home);
  return near.length === 0 ? fns : near;
}

/** A name that only one function of the tree has, or of the package, is taken to mean it, unless anything might be called so. */
function guess(call: Call): FnValue | undefined {
  const { w, scope, name, receiver } = call;
  w.onName(name);
  if (receiver === undefined || COMMON.has(name) || name.length < 5) return undefined;
  if (
    receiver.kind !== 'input' &&
    receiver.kind !== 'unknown' &&
    receiver.kind !== 'object' &&
    receiver.kind !== 'instance' &&
    receiver.kind !== 'mix' &&
    !isMissing(receiver)
  )
    return undefined;
  if (receiver.kind === 'input' && receiver.isRequest && receiver.path.length < 2) return undefined;
  const found = byName(call);
  if (found.length < 2) return found[0];
  const near = nearest(w, scope.file, found);
  return near.length === 1 ? near[0] : undefined;
}

/** Something of a file that is not in the tree. */
function isMissing(value: Value): boolean {
  return value.kind === 'external' && /^[.@~]\/|^\.\./.test(value.source);
}

/** Names that anything may have: what the language gives its own things is called so too. */
const COMMON = new Set([
  ...[String, Array, Map, Set, Promise, Date, RegExp, Function, Buffer].flatMap((made) =>
    Object.getOwnPropertyNames(made.prototype),
  ),
  ...'apply catch check clear clone close commit concat connect count create decode delete destroy encode end ensure entries error every execute exists expire fetch filter finally find findMany findOne first flush format forEach handle has includes index info init insert invoke items keys limit list listen load lock match merge next notify open order parse patch pause persist print process publish query queue raise reduce register reject release remove render replace request reset resolve resume return rollback save search select send serve slice split start status stop store string submit subscribe toJSON toString transaction transform trim unlock update upload upsert validate value values verify write'.split(
    ' ',
  ),
]);

function invokeAll(w: Walker, fns: readonly FnValue[], args: readonly Value[], call: Call): Value {
  const [first, ...rest] = fns;
  if (first === undefined) return UNKNOWN;
  if (rest.length === 0) return invoke(w, first, args, call.place);
  let value: Value = UNKNOWN;
  branch(
    w,
    () => {
      value = invoke(w, first, args, call.place);
    },
    () => {
      const other = invokeAll(w, rest, args, call);
      if (value.kind === 'unknown') value = other;
    },
  );
  return value;
}

const TELLING =
  /verif|sign|decrypt|decipher|constructevent|^final$|refund|giveback|returnquota|deduct|charge|isauthentic|checkpay/i;
const ESCAPING = /^(?:escape|escapeId|format|quote|quoteLiteral|quoteIdent|literal|ident)$/;

/** Nobody knows what it does: what it is given is run where it is, what it gives comes of what it was given. */
function unresolved(call: Call, callee: Value): Value {
  const { w, name, args, place, receiver, receiverText } = call;
  if (TELLING.test(name)) emit(w, { kind: 'unresolved', name, values: args, place });
  if (runsLater(call)) {
    runDetached(w, args);
    return mix(name, args);
  }
  for (const arg of args) noteLookedIn(arg);
  const isRetry = /retry|backoff/i.test(`${receiverText} ${name}`);
  runCallbacks(w, args, isRetry);
  if (ESCAPING.test(name)) {
    emit(w, { kind: 'escape', place });
    return mix('escape', args);
  }
  if (name === 'raw')
    return mix('raw', [
      args[0] ?? UNKNOWN,
      receiver ?? UNKNOWN,
      ...(args[1]?.kind === 'list' ? args[1].items : args.slice(1)),
    ]);
  if (PASSING.test(name) && args.length >= 1 && args[0] !== undefined) return args[0];
  if (callee.kind === 'external') return { ...callee, isMade: true, args: [...callee.args, ...args].slice(0, 6) };
  return mix(name, receiver === undefined ? args : [receiver, ...args]);
}

/** Kysely's expression builder. */
function ebCall({ name, args, receiver }: Call): Value {
  if (receiver === undefined) return mix('eb', args);
  if (name === 'and') return args[0] ?? UNKNOWN;
  return mix(name, args);
}

/** Somebody else looks at it. */
function noteLookedIn(value: Value): void {
  for (const part of originsOf(value)) if (part.kind === 'count') noteLooked(part.result);
}

/** Judges or copies what it is given, and gives it back. */
const PASSING =
  /^(?:parse|parseAsync|validate|validateAsync|structuredClone|cloneDeep|assertType|freeze|toCamel|camelcaseKeys|plainToInstance)$/;

/** Functions that run what they are given at some other time, outside of what is going on here. */
function runsLater({ name, receiverText }: Call): boolean {
  if (/^(?:setTimeout|setImmediate|setInterval|queueMicrotask|nextTick|defer)$/.test(name)) return true;
  return (
    /^(?:on|once|addListener|addEventListener|subscribe|process|consume|schedule|cron)$/.test(name) &&
    receiverText !== ''
  );
}

export function evaluateNew(w: Walker, scope: Scope, node: Extract<Node, { type: 'NewExpression' }>): Value {
  const callee = evaluate(w, scope, node.callee);
  const args = elements(w, scope, node.arguments);
  const place = placeOf(scope.file, node);
  const name = calledName(node.callee);
  if (callee.kind === 'class') return construct(w, callee, args, place);
  const call: Call = {
    w,
    scope,
    node,
    name,
    receiverText: '',
    receiver: undefined,
    callee,
    args,
    place,
    from: w.trail.length,
  };
  if (name === 'Promise') {
    runCallbacks(w, args, false);
    return UNKNOWN;
  }
  if (name === 'Worker') {
    runDetached(w, args);
    return UNKNOWN;
  }
  readThrottle(call);
  if (callee.kind === 'external') return { ...callee, isMade: true, args };
  if (/queue$/i.test(name)) return { kind: 'external', source: 'bullmq', path: ['Queue'], isMade: true, args };
  return mix(`new ${name}`, args);
}
