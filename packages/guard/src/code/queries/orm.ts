import { stringOf, UNKNOWN, type ObjectValue, type Value } from '../values/value.ts';
import type { Call, CallReader } from '../walk/call.ts';
import { readExpressionCondition } from './conditions.ts';
import { newQuery, snake, tableName, type Query, type SetPart } from './query.ts';
import { runQuery } from './send.ts';
import { setsOf } from './sets.ts';

const PRISMA: Readonly<Record<string, Query['op']>> = {
  findUnique: 'select',
  findUniqueOrThrow: 'select',
  findFirst: 'select',
  findFirstOrThrow: 'select',
  findMany: 'select',
  create: 'insert',
  createMany: 'insert',
  upsert: 'insert',
  update: 'update',
  updateMany: 'update',
  delete: 'delete',
  deleteMany: 'delete',
};
const MONGO: Readonly<Record<string, Query['op']>> = {
  findOneAndUpdate: 'update',
  findByIdAndUpdate: 'update',
  updateOne: 'update',
  updateMany: 'update',
  deleteOne: 'delete',
  deleteMany: 'delete',
  findOneAndDelete: 'delete',
  insertOne: 'insert',
  insertMany: 'insert',
};

/** Statements written as calls of an object-relational mapper: Prisma, Mongoose, Sequelize, TypeORM. */
export const readOrm: CallReader = (call) => prisma(call) ?? mongo(call) ?? entity(call) ?? active(call);

function optionsOf(value: Value | undefined): ObjectValue | undefined {
  return value?.kind === 'object' ? value : undefined;
}

function send(call: Call, query: Partial<Query> & Pick<Query, 'op' | 'table' | 'handle'>): Value {
  return runQuery(call.w, newQuery({ flavour: 'orm', place: call.place, ...query }));
}

/** `tx.user.update({ where, data })`. */
function prisma(call: Call): Value | undefined {
  const { name, args, receiver, receiverText } = call;
  const op = Object.hasOwn(PRISMA, name) ? PRISMA[name] : undefined;
  const options = optionsOf(args[0]);
  if (op === undefined || options === undefined || receiver === undefined || args.length > 1) return undefined;
  if (!['where', 'data', 'select', 'include', 'orderBy', 'create'].some((key) => options.props.has(key)))
    return undefined;
  if (options.props.has('transaction') || options.props.has('lock')) return undefined;
  const model = receiverText.split('.').at(-1) ?? '';
  const where = options.props.get('where');
  const data = options.props.get('data') ?? options.props.get('create');
  const read = where === undefined ? undefined : readExpressionCondition(where);
  const query = {
    op,
    table: tableName(model),
    handle: receiver,
    where: read?.conditions ?? [],
    hasUnreadWhere: read?.isUnread ?? false,
    sets: data === undefined ? [] : setsOf(data),
    isUpsert: name === 'upsert',
    isDescending: JSON.stringify(stringsIn(options.props.get('orderBy'))).includes('desc'),
    isLimited: name.startsWith('findFirst'),
  };
  return send(call, name.endsWith('OrThrow') ? { ...query, mustFind: true } : query);
}

function stringsIn(value: Value | undefined): string[] {
  if (value === undefined) return [];
  if (value.kind === 'object') return [...value.props.values()].flatMap(stringsIn);
  if (value.kind === 'list') return value.items.flatMap(stringsIn);
  const text = stringOf(value);
  return text === undefined ? [] : [text];
}

/** `User.updateOne({ _id, credits: { $gte: 1 } }, { $inc: { credits: -1 } })`. */
function mongo(call: Call): Value | undefined {
  const { name, args, receiver, receiverText } = call;
  const op = Object.hasOwn(MONGO, name) ? MONGO[name] : undefined;
  const change = optionsOf(args[1]);
  if (
    op === undefined ||
    receiver === undefined ||
    !/^[A-Z]|collection|db\b/.test(receiverText.split('.').at(-1) ?? '')
  )
    return undefined;
  if (op === 'update' && change === undefined) return undefined;
  const read = name.includes('ById') || args[0] === undefined ? undefined : readExpressionCondition(args[0]);
  const options = optionsOf(args[2]);
  const session = options?.props.get('session');
  return send(call, {
    op,
    table: tableName(receiverText.split('.').at(-1) ?? ''),
    // One document changes as a whole: the filter is the guard, and no transaction is needed for it.
    flavour: 'mongo',
    handle: session ?? receiver,
    where: read?.conditions ?? [],
    hasUnreadWhere: read?.isUnread ?? false,
    sets: change === undefined ? setsOf(args[0] ?? UNKNOWN) : mongoSets(change),
  });
}

function mongoSets(change: ObjectValue): SetPart[] {
  return [...change.props].flatMap(([key, value]) => {
    if (key === '$inc' && value.kind === 'object')
      return [...value.props].map(([column, amount]) => incremented(snake(column), amount));
    if ((key === '$set' || key === '$setOnInsert') && value.kind === 'object') return setsOf(value);
    return key.startsWith('$') ? [] : setsOf({ kind: 'object', props: new Map([[key, value]]), isOpen: false });
  });
}

function incremented(column: string, amount: Value): SetPart {
  const isLess =
    (amount.kind === 'literal' && typeof amount.value === 'number' && amount.value < 0) ||
    (amount.kind === 'mix' && amount.op === 'unary-');
  return {
    column,
    change: isLess ? '-' : '+',
    value: amount.kind === 'mix' && amount.op === 'unary-' ? (amount.of[0] ?? UNKNOWN) : amount,
  };
}

const FINDING = new Set([
  'findOne',
  'findByPk',
  'findOneBy',
  'findOneOrFail',
  'findOneByOrFail',
  'findAll',
  'find',
  'findAndCountAll',
]);

const ENTITY_METHODS = new Set([
  ...FINDING,
  'decrement',
  'increment',
  'update',
  'create',
  'insert',
  'bulkCreate',
  'save',
  'destroy',
]);

/** Sequelize's and TypeORM's calls with an options object. */
function entity(call: Call): Value | undefined {
  const { name, args, receiver, receiverText } = call;
  if (receiver === undefined || !ENTITY_METHODS.has(name)) return undefined;
  const last = receiverText.split('.').at(-1) ?? '';
  const isManager = /manager|^em$|^tx$|^trx$/i.test(last);
  const isModel = /^[A-Z]\w+$/.test(last) || /repo(?:sitory)?$/i.test(last);
  if (!isManager && !isModel) return undefined;
  const table = isManager ? tableName(nameOf(args[0])) : tableName(last.replace(/Repo(?:sitory)?$/i, ''));
  const rest = isManager ? args.slice(1) : args;
  const objects = rest.map(optionsOf).filter((each) => each !== undefined);
  const handleOption = objects.flatMap(({ props }) =>
    ['transaction', 'session'].flatMap((key) => props.get(key) ?? []),
  )[0];
  const handle = handleOption ?? receiver;
  if (FINDING.has(name)) {
    const options = objects.find(({ props }) => props.has('where') || props.has('lock') || props.has('transaction'));
    if (options === undefined && !isManager && !/OneBy|Pk/.test(name)) return undefined;
    const where = options?.props.get('where') ?? rest[0] ?? UNKNOWN;
    const read = readExpressionCondition(where);
    const lock = options?.props.get('lock');
    const isLocking = lock !== undefined && !/share|pessimistic_read|optimistic/i.test(stringsIn(lock).join(' '));
    return send(call, { op: 'select', table, handle, where: read.conditions, isLocking });
  }
  if (name === 'decrement' || name === 'increment') return stepped(call, { table, handle, rest });
  if (name === 'update' && rest.length >= 2) {
    // TypeORM: criteria, then values; Sequelize: values, then options.
    const options = objects.find(({ props }) => props.has('where'));
    const read = readExpressionCondition(options?.props.get('where') ?? rest[0] ?? UNKNOWN);
    return send(call, {
      op: 'update',
      table,
      handle,
      where: read.conditions,
      sets: setsOf(options === undefined ? (rest[1] ?? UNKNOWN) : (rest[0] ?? UNKNOWN)),
    });
  }
  if (name === 'create' || name === 'insert' || name === 'bulkCreate')
    return send(call, { op: 'insert', table, handle, sets: setsOf(rest[0] ?? UNKNOWN) });
  if (name === 'save' || name === 'destroy') return active(call);
  return undefined;
}

function nameOf(value: Value | undefined): string {
  if (value?.kind === 'class') return value.node.id?.name ?? '';
  if (value?.kind === 'external') return value.path.at(-1) ?? '';
  return value === undefined ? '' : (stringOf(value) ?? '');
}

type Stepped = { readonly table: string; readonly handle: Value; readonly rest: readonly Value[] };

function stepped(call: Call, { table, handle, rest }: Stepped): Value {
  const [first, second, third] = rest;
  const change = call.name === 'decrement' ? '-' : '+';
  const isTypeOrm = first?.kind === 'object' && stringOf(second) !== undefined;
  const column = stringOf(isTypeOrm ? second : first) ?? '';
  const options = optionsOf(second);
  const read = readExpressionCondition(isTypeOrm ? first : (options?.props.get('where') ?? UNKNOWN));
  const amount = isTypeOrm ? third : options?.props.get('by');
  return send(call, {
    op: 'update',
    table,
    handle,
    where: read.conditions,
    sets: [{ column: snake(column), change, value: amount ?? UNKNOWN }],
  });
}

/** A row that is changed in memory and saved: `user.credits -= 1; await user.save()`. */
function active(call: Call): Value | undefined {
  const { name, args, receiver } = call;
  const rows =
    receiver?.kind === 'rows' ? receiver : name === 'save' ? args.find((arg) => arg.kind === 'rows') : undefined;
  if (rows?.kind !== 'rows' || !['save', 'update', 'decrement', 'increment'].includes(name)) return undefined;
  const options = args
    .map(optionsOf)
    .find((each) => each?.props.has('transaction') === true || each?.props.has('session') === true);
  const handle =
    options?.props.get('transaction') ??
    options?.props.get('session') ??
    (receiver?.kind === 'rows' ? UNKNOWN : (receiver ?? UNKNOWN));
  const table = rows.result.query.table;
  const sets =
    name === 'save'
      ? [...rows.changes].map(([column, value]) => ({ column: snake(column), change: undefined, value }))
      : [];
  if (name === 'decrement' || name === 'increment') return stepped(call, { table, handle, rest: args });
  const where = [{ column: 'id', op: '=', value: { kind: 'column' as const, result: rows.result, column: 'id' } }];
  return send(call, {
    op: 'update',
    table,
    handle,
    where,
    sets: name === 'update' ? setsOf(args[0] ?? UNKNOWN) : sets,
  });
}
