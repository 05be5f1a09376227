import type { Place } from '../project/file-model.ts';
import { looksLikeSql, readSql, type SqlOperand, type SqlStatement } from '../sql/read-sql.ts';
import { holeMark } from '../sql/tokens.ts';
import { holesOf, literal, piecesOf, readText, UNKNOWN, type Value } from '../values/value.ts';
import type { CallReader } from '../walk/call.ts';
import { addFacts, learn } from '../walk/state.ts';
import { found } from '../walk/tests.ts';
import { emit, newId, type Walker } from '../walk/walker.ts';
import { columnName, newQuery, tableName, type Query, type Result, type SetPart } from './query.ts';
import { beginOn, endOn, frameOf } from './transactions.ts';

/** Sends a statement: from here on its locks are held and its rows are known. */
export function runQuery(w: Walker, query: Query): Value {
  const frame = frameOf(w, query.handle);
  const isNewest = query.isDescending && query.isLimited;
  if (query.op === 'select' && query.isLocking && frame !== undefined) {
    const kind = isNewest ? 'newest' : 'lock';
    learn(w.state, `${kind}:${frame}:${query.table}`, {
      place: query.place,
      frame,
      note: query.where.map(({ column }) => column).join(','),
    });
  }
  const isUnderLock = frame !== undefined && [...w.state.facts.keys()].some((key) => key.startsWith(`lock:${frame}:`));
  const result: Result = { id: newId(w), query, frame, isUnderLock };
  emit(w, { kind: 'statement', result, place: query.place });
  if (query.op !== 'select') return { kind: 'count', result };
  if (query.mustFind === true) addFacts(w.state, found(result));
  return { kind: 'rows', result, changes: new Map() };
}

export type Sql = {
  readonly sql: Value;
  readonly handle: Value;
  readonly params: readonly Value[];
  readonly place: Place;
  /** What is put into it is passed as parameters. */
  readonly isSafe: boolean;
};

/** Sends a text; several statements give several results. */
export function sendSql(w: Walker, { sql, handle, params, place, isSafe }: Sql): Value {
  const text = readText(sql, holeMark);
  if (text === undefined) return UNKNOWN;
  if (!isSafe && holesOf(sql).length > 0)
    emit(w, { kind: 'raw-sql', text: sql, place: piecesOf(sql, holeMark)[0]?.place ?? place });
  const holes = holesOf(sql);
  const read = (operand: SqlOperand): Value => {
    switch (operand.kind) {
      case 'literal':
        return literal(operand.value);
      case 'hole':
        return holes[operand.index] ?? UNKNOWN;
      case 'placeholder':
        return params[operand.index] ?? UNKNOWN;
      default:
        return UNKNOWN;
    }
  };
  const pieces = piecesOf(sql, holeMark);
  const results = readSql(text).map(({ at, statement }) =>
    sendOne(w, statement, { handle, place: pieces.findLast((piece) => piece.at <= at)?.place ?? place, read }),
  );
  const [first] = results;
  return results.length === 1 ? (first ?? UNKNOWN) : { kind: 'list', items: results };
}

type Sending = { readonly handle: Value; readonly place: Place; readonly read: (operand: SqlOperand) => Value };

function sendOne(w: Walker, statement: SqlStatement, { handle, place, read }: Sending): Value {
  switch (statement.kind) {
    case 'begin':
      beginOn(w, handle, place);
      return UNKNOWN;
    case 'commit':
    case 'rollback':
      endOn(w, handle);
      return UNKNOWN;
    default: {
      const where =
        'where' in statement
          ? statement.where.map(({ column, op, value }) => ({ column, op, value: read(value) }))
          : [];
      const sets: SetPart[] =
        'sets' in statement
          ? statement.sets.map(({ column, change, value }) => ({ column, change, value: read(value) }))
          : [];
      const query = newQuery({
        flavour: 'sql',
        handle,
        op: statement.kind,
        table: tableName(statement.table),
        place,
        where,
        sets,
      });
      if (statement.kind === 'insert') {
        query.isIgnoring = statement.isIgnoring;
        query.isUpsert = statement.isUpsert;
      }
      if (statement.kind === 'select') {
        query.isLocking = statement.lock;
        query.isDescending = statement.isNewestOnly;
        query.isLimited = statement.isNewestOnly;
        query.columns = statement.columns.map(columnName);
      }
      return runQuery(w, query);
    }
  }
}

const SINKS = new Set([
  'query',
  'execute',
  'raw',
  'unsafe',
  'run',
  'all',
  'get',
  'prepare',
  'exec',
  'one',
  'none',
  'any',
  'oneOrNone',
  'many',
  'manyOrNone',
  'send',
  '$queryRawUnsafe',
  '$executeRawUnsafe',
  'multi',
]);

/** A call nobody in the tree answers that is given SQL sends it. */
export const readSqlSink: CallReader = (call) => {
  const { w, args, name, receiver, callee, place } = call;
  const [first] = args;
  if (receiver?.kind === 'mix' && receiver.op === 'sql' && name === 'execute')
    return sendSql(w, { sql: receiver.of[0] ?? UNKNOWN, handle: first ?? UNKNOWN, params: [], place, isSafe: true });
  if (first === undefined) return undefined;
  const texts =
    first.kind === 'list'
      ? first.items
      : first.kind === 'object'
        ? [first.props.get('sql') ?? first.props.get('text') ?? UNKNOWN]
        : [first];
  const statements = texts.filter((value) => {
    const text = readText(value, holeMark);
    return text !== undefined && looksLikeSql(text);
  });
  if (statements.length === 0 || (first.kind === 'list' && statements.length < texts.length / 2)) return undefined;
  if (!SINKS.has(name) && first.kind !== 'list' && receiver !== undefined && receiver.kind !== 'input')
    return undefined;
  const handle = receiver ?? callee;
  const params = args[1]?.kind === 'list' ? args[1].items : args.slice(1);
  const results = statements.map((sql) => sendSql(w, { sql, handle, params, place, isSafe: false }));
  return first.kind === 'list' ? { kind: 'list', items: results } : (results[0] ?? UNKNOWN);
};
