import type { Place } from '../project/file-model.ts';
import { typeText } from '../project/types.ts';
import { UNKNOWN, type FnValue, type InputValue, type Value } from '../values/value.ts';
import type { Call, CallReader } from '../walk/call.ts';
import { inputsOf, invoke } from '../walk/functions.ts';
import { closeFrame, type Frame } from '../walk/state.ts';
import { settle } from '../walk/expressions.ts';
import { emit, newId, type Walker } from '../walk/walker.ts';

/** The transaction of whoever called the entry, when it was given a handle. */
export const CALLER_FRAME = 0;

/** The open transaction that a statement on this handle is inside of; undefined when it is in none. */
export function frameOf(w: Walker, handle: Value): number | undefined {
  const own = ownFrame(w, handle);
  if (own !== undefined) return own;
  return w.state.frames.findLast(({ kind }) => kind === 'ambient')?.id;
}

function ownFrame(w: Walker, handle: Value): number | undefined {
  switch (handle.kind) {
    case 'tx':
      return handle.frame === CALLER_FRAME || w.state.frames.some(({ id }) => id === handle.frame)
        ? handle.frame
        : undefined;
    case 'either': {
      const frames = handle.options.map(({ value }) => ownFrame(w, value));
      return frames.includes(undefined) ? undefined : frames[0];
    }
    default: {
      const begun = w.state.frames.findLast((frame) => frame.kind === 'connection' && isSame(frame, handle));
      if (begun !== undefined) return begun.id;
      return handle.kind === 'input' && isTxInput(handle) ? CALLER_FRAME : undefined;
    }
  }
}

function isSame({ handle }: Frame, other: Value): boolean {
  if (handle === undefined || handle === other) return true;
  if (handle.kind === 'unknown' || other.kind === 'unknown') return handle.kind === other.kind;
  if (handle.kind === 'input' && other.kind === 'input') return handle.path.join('.') === other.path.join('.');
  if (handle.kind === 'external' && other.kind === 'external')
    return [handle.source, ...handle.path].join('.') === [other.source, ...other.path].join('.');
  return handle.kind === 'mix' && other.kind === 'mix' && handle.op === other.op;
}

const TX_NAME =
  /^(?:tx|trx|transaction|transacting|t|conn|connection|client|manager|em|entityManager|queryRunner|qr|session|dbTx|dbTransaction)$/i;
const TX_TYPE =
  /\b(?:Tx|Trx|\w*Transaction\w*|PoolConnection|PoolClient|QueryRunner|EntityManager|ClientSession|DbTx|Connection)\b/;
/** Types that name what is no transaction although it may be called like one. */
const NOT_TX_TYPE = /^(?:Db|Database|Kysely<|Knex$|Pool$|DataSource|PrismaClient)/;

/** A parameter by which a caller hands its transaction on. */
export function isTxInput(input: InputValue): boolean {
  const name = input.path.at(-1) ?? '';
  const type = typeText(input.type);
  if (type !== '') return !NOT_TX_TYPE.test(type) && (TX_TYPE.test(type) || /^(?:tx|trx)$/i.test(name));
  return input.path.length <= 2 && input.path[0] !== 'this' && TX_NAME.test(name);
}

/** A pool gives each statement any connection: BEGIN on it begins nothing. */
export function isPool(handle: Value): boolean {
  if (handle.kind === 'external') {
    const last = handle.path.at(-1) ?? '';
    return (
      /^(?:createPool|Pool|createConnectionPool)$/.test(last) ||
      (/^(?:pg|mysql2?)(?:\/|$)/.test(handle.source) && last === 'Pool')
    );
  }
  return handle.kind === 'input' && /\bPool$/.test(typeText(handle.type));
}

/** BEGIN. */
export function beginOn(w: Walker, handle: Value, place: Place): void {
  if (isPool(handle)) return;
  w.state.frames = [...w.state.frames, { id: newId(w), kind: 'connection', handle, place, depth: w.stack.length - 1 }];
}

/** A list of statements that are sent as one transaction: whatever is made while the list is, is inside. */
export function beginBatch(w: Walker, place: Place): number {
  const id = newId(w);
  w.state.frames = [...w.state.frames, { id, kind: 'ambient', handle: undefined, place, depth: w.stack.length - 1 }];
  return id;
}

function end(w: Walker, frame: number, place: Place): void {
  emit(w, { kind: 'ending', frame, place });
  closeFrame(w.state, frame);
}

/** COMMIT or ROLLBACK. */
export function endOn(w: Walker, handle: Value): void {
  const open =
    w.state.frames.findLast((frame) => frame.kind === 'connection' && isSame(frame, handle)) ??
    w.state.frames.findLast(({ kind }) => kind === 'connection');
  if (open !== undefined) end(w, open.id, open.place);
}

const CALLBACK_METHODS = new Set([
  'transaction',
  '$transaction',
  'transactional',
  'withTransaction',
  'tx',
  'begin',
  'transacting',
  'inTransaction',
  'runInTransaction',
  'startTransaction',
]);
const CALLBACK_NAME = /transaction|withtx|intx|runtx|atomic(?:ally)?$/i;
const BEGINNING = new Set(['beginTransaction', 'startTransaction']);
const ENDING = new Set(['commit', 'rollback', 'commitTransaction', 'rollbackTransaction', 'abortTransaction']);

/** Everything that begins or ends a transaction. */
export const readTransaction: CallReader = (call) => {
  const { w, name, args, receiver, node, place } = call;
  const fn = args.find((value) => value.kind === 'fn');
  const callback = fn?.kind === 'fn' ? fn : undefined;
  if (callback !== undefined && isTransactionCall(call)) return runInside(call, callback);
  if (name === '$transaction' && args[0]?.kind === 'list') return settle(w, args[0], place);
  if (receiver === undefined || callback !== undefined) return undefined;
  if (receiver.kind === 'tx' && /^(?:set|with)[A-Z]/.test(name)) return receiver;
  if (BEGINNING.has(name)) {
    if (isPool(receiver)) return UNKNOWN;
    const handle =
      name === 'startTransaction' &&
      node.type === 'CallExpression' &&
      receiver.kind === 'external' &&
      receiver.path.at(-1) === 'startSession'
        ? undefined
        : receiver;
    w.state.frames = [
      ...w.state.frames,
      { id: newId(w), kind: 'connection', handle, place, depth: w.stack.length - 1 },
    ];
    return UNKNOWN;
  }
  if (ENDING.has(name) && (receiver.kind === 'tx' || w.state.frames.some(({ kind }) => kind === 'connection'))) {
    if (receiver.kind === 'tx') end(w, receiver.frame, place);
    else endOn(w, receiver);
    return UNKNOWN;
  }
  if (
    (name === 'transaction' || name === 'unmanagedTransaction') &&
    args.every(({ kind }) => kind === 'object' || kind === 'literal') &&
    isHandle(receiver)
  ) {
    const id = newId(w);
    const handle: Value = { kind: 'tx', frame: id };
    w.state.frames = [...w.state.frames, { id, kind: 'callback', handle, place, depth: w.stack.length - 1 }];
    return handle;
  }
  return undefined;
};

function isHandle(value: Value): boolean {
  return (
    value.kind === 'external' ||
    value.kind === 'unknown' ||
    value.kind === 'input' ||
    value.kind === 'mix' ||
    value.kind === 'either'
  );
}

function isTransactionCall({ name, receiver, callee, receiverText }: Call): boolean {
  if (name === 'execute')
    return (
      receiver?.kind === 'tx' ||
      /transaction(?:\.\w+)*$/i.test(receiverText) ||
      (receiver?.kind === 'mix' && /transaction/i.test(receiver.op))
    );
  if (receiver !== undefined) return CALLBACK_METHODS.has(name) || CALLBACK_NAME.test(name);
  return callee.kind !== 'fn' && CALLBACK_NAME.test(name);
}

/** Runs the function as the transaction's body. What is given to it is the handle; without one, whatever runs is inside. */
function runInside(call: Call, fn: FnValue): Value {
  const { w, place } = call;
  const id = newId(w);
  // A transaction that was opened to be given a body ends with it.
  const outer = call.receiver?.kind === 'tx' && call.name === 'execute' ? call.receiver.frame : undefined;
  if (outer !== undefined) closeFrame(w.state, outer);
  const handle: Value = { kind: 'tx', frame: id };
  const takesHandle = fn.node.params.length > 0;
  w.state.frames = [
    ...w.state.frames,
    { id, kind: takesHandle ? 'callback' : 'ambient', handle, place, depth: w.stack.length },
  ];
  const inputs = inputsOf(fn, () => false);
  const value = invoke(w, fn, takesHandle ? [handle, ...inputs.slice(1)] : [], place);
  const settled = settle(w, value, place);
  end(w, id, place);
  return settled;
}
