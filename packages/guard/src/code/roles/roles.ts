import type { Query, SetPart } from '../queries/query.ts';
import { originsOf, stringOf, type Value } from '../values/value.ts';
import type { Schema } from './schema.ts';
import type { Seen, Survey } from './survey.ts';
import * as words from './words.ts';

/** What tables and columns are for, told by what the code does with them and by their names together. */
export type Roles = {
  isBalance(table: string, column: string): boolean;
  /** Has a balance, or is what people's balances hang on: a row that stays. */
  isAccount(table: string): boolean;
  isLedger(table: string): boolean;
  /** Rows are work that somebody paid quota for. */
  isPaidTask(table: string): boolean;
  /** Its status decides about money or quota. */
  isMoneyState(table: string): boolean;
  isPriceTable(table: string): boolean;
  /** Why the table is taken for what it is. */
  why(table: string, column?: string): string;
  readonly hasCharges: boolean;
  readonly hasMembership: boolean;
  /** Failed work is looked for by itself and given back. */
  readonly hasRefundSweep: boolean;
  /** The column that says whether a failed row of the table is refunded. */
  eligibleColumn(table: string): string | undefined;
  isUnique(table: string, column: string): boolean;
  readonly schema: Schema;
};

type Columns = { readonly table: string; readonly column: string; readonly score: number; readonly why: string };

/** Below this the signals do not add up. */
const ENOUGH = 4;

export function rolesOf(survey: Survey, schema: Schema): Roles {
  const seen = survey.seen.flatMap((each) =>
    each.effect.kind === 'statement' ? [{ ...each, query: each.effect.result.query }] : [],
  );
  const compared = new Set(
    survey.seen.flatMap(({ effect }) =>
      effect.kind === 'compare' && /[<>]/.test(effect.op) ? [`${effect.result.query.table}.${effect.column}`] : [],
    ),
  );
  const balances = findBalances(seen, compared);
  const accounts = new Set([...balances.values()].map(({ table }) => table));
  const isBalance = (table: string, column: string): boolean => balances.has(`${table}.${column}`);
  const chargingFns = new Set(
    seen.filter(({ query }) => takes(query, isBalance)).map(({ fn, file }) => fn?.node ?? file),
  );
  const ledgers = findLedgers(seen, { accounts, isBalance });
  const tasks = findTasks(seen, { chargingFns, ledgers, accounts });
  const states = findStates(seen, { tasks, ledgers, accounts });
  const columnsByTable = columnsOf(survey.seen);
  const tables = new Set(columnsByTable.keys());
  const columns = new Set([...columnsByTable.values()].flatMap((each) => [...each]));
  return {
    isBalance,
    isAccount: (table) => accounts.has(table) || words.ACCOUNT.test(table),
    isLedger: (table) => ledgers.has(table),
    isPaidTask: (table) => tasks.has(table),
    isMoneyState: (table) => states.has(table),
    isPriceTable: (table) => words.PRICE_TABLE.test(table) && !tasks.has(table) && !ledgers.has(table),
    why: (table, column) =>
      column === undefined
        ? (ledgers.get(table) ?? tasks.get(table) ?? states.get(table) ?? '')
        : (balances.get(`${table}.${column}`)?.why ?? ''),
    hasCharges: chargingFns.size > 0,
    hasMembership:
      [...columns, ...tables].some((name) => words.MEMBERSHIP.test(name)) ||
      survey.seen.some(({ effect }) => effect.kind === 'unresolved' && words.MEMBERSHIP.test(effect.name)),
    hasRefundSweep: sweeps(seen),
    eligibleColumn: (table) =>
      [...(columnsByTable.get(table) ?? []), ...schema.columnsOf(table)].find((name) =>
        /eligible_for_refund|refundable$/.test(name),
      ),
    isUnique: (table, column) => schema.isUnique(table, column),
    schema,
  };
}

/** Every column of a table that the code names. */
function columnsOf(seen: readonly Seen[]): Map<string, Set<string>> {
  const columns = new Map<string, Set<string>>();
  const note = (table: string, names: readonly string[]): void => {
    const known = columns.get(table) ?? new Set();
    for (const name of names) known.add(name);
    columns.set(table, known);
  };
  for (const { effect } of seen) {
    if (effect.kind === 'compare') note(effect.result.query.table, [effect.column]);
    if (effect.kind !== 'statement') continue;
    const { query } = effect.result;
    note(query.table, [...query.columns, ...[...query.sets, ...query.where].map(({ column }) => column)]);
  }
  return columns;
}

type Statement = Seen & { readonly query: Query };

/** Takes from the column, by the database or by a value that was computed from it. */
export function stepOf({ column, change, value }: SetPart, table: string): '+' | '-' | undefined {
  if (change !== undefined) return isNegative(value) ? (change === '+' ? '-' : '+') : change;
  for (const part of originsOf(value)) {
    if (part.kind !== 'mix' || (part.op !== '-' && part.op !== '+')) continue;
    const [left] = part.of;
    const isOwn =
      left !== undefined &&
      originsOf(left).some(
        (each) =>
          each.kind === 'column' && each.column === column && (table === '' || each.result.query.table === table),
      );
    if (isOwn) return part.op;
  }
  return undefined;
}

function isNegative(value: Value): boolean {
  return (
    (value.kind === 'literal' && typeof value.value === 'number' && value.value < 0) ||
    (value.kind === 'mix' && value.op === 'unary-')
  );
}

function takes(query: Query, isBalance: (table: string, column: string) => boolean): boolean {
  return (
    query.op === 'update' &&
    query.sets.some((set) => isBalance(query.table, set.column) && stepOf(set, query.table) !== '+')
  );
}

function findBalances(seen: readonly Statement[], compared: ReadonlySet<string>): Map<string, Columns> {
  const writes = Map.groupBy(
    seen
      .filter(({ query }) => query.op === 'update' || query.isUpsert)
      .flatMap((each) => each.query.sets.map((set) => ({ ...each, set }))),
    ({ query, set }) => `${query.table}.${set.column}`,
  );
  const inserting = Map.groupBy(
    seen.filter(({ query }) => query.op === 'insert'),
    ({ fn, file }) => fn?.node ?? file,
  );
  const guarded = new Set(
    seen.flatMap(({ query }) =>
      query.where.filter(({ op }) => op === '>=' || op === '>').map(({ column }) => `${query.table}.${column}`),
    ),
  );
  const balances = new Map<string, Columns>();
  for (const [key, list] of writes) {
    const [first] = list;
    if (first === undefined) continue;
    const { table } = first.query;
    const { column } = first.set;
    const steps = new Set(list.map(({ set }) => stepOf(set, table)));
    const hasLedger = list.some(({ fn, file }) =>
      (inserting.get(fn?.node ?? file) ?? []).some(({ query }) => query.table !== table && isLedgerLike(query)),
    );
    const signals: (readonly [number, string])[] = [
      [steps.has('-') ? 2 : 0, 'it is taken from'],
      [steps.has('+') ? 1 : 0, 'it is added to'],
      [compared.has(key) || guarded.has(key) ? 1 : 0, 'it is compared before'],
      [words.MONEY.test(column) ? 3 : words.LEFT.test(column) ? 2 : 0, `it is called ${column}`],
      [words.ACCOUNT.test(table) ? 1 : 0, `${table} are accounts`],
      [hasLedger ? 2 : 0, 'its changes are written down beside it'],
      [words.COUNTER.test(column) && !words.MONEY.test(column) ? -4 : 0, ''],
    ];
    const score = signals.reduce((sum, [weight]) => sum + weight, 0);
    const why = signals
      .filter(([weight]) => weight > 0)
      .map(([, text]) => text)
      .join(', ');
    const isMoving =
      steps.has('-') ||
      steps.has('+') ||
      (words.MONEY.test(column) && list.some(({ set }) => set.value.kind !== 'literal'));
    if (score >= ENOUGH && isMoving) balances.set(key, { table, column, score, why });
  }
  // What else is written into a balance that is known by its steps elsewhere is its business too.
  return balances;
}

function isLedgerLike({ sets, table }: Query): boolean {
  const columns = sets.map(({ column }) => column);
  const hasAmount = columns.some((column) => /^(?:amount|delta|change|points|credits|quota|value|diff)$/.test(column));
  const hasKind = columns.some((column) =>
    /^(?:type|kind|reason|cause|action|description|remark|source|ref\w*)$/.test(column),
  );
  return hasAmount && (hasKind || words.LEDGER_STRONG.test(table) || words.LEDGER_WEAK.test(table));
}

type Known = { readonly accounts: ReadonlySet<string>; readonly isBalance: (table: string, column: string) => boolean };

function findLedgers(seen: readonly Statement[], { accounts, isBalance }: Known): Map<string, string> {
  const movingFns = new Set(
    seen
      .filter(({ query }) => query.op === 'update' && query.sets.some(({ column }) => isBalance(query.table, column)))
      .map(({ fn, file }) => fn?.node ?? file),
  );
  const byTable = Map.groupBy(seen, ({ query }) => query.table);
  const ledgers = new Map<string, string>();
  for (const [table, list] of byTable) {
    if (table === '' || accounts.has(table)) continue;
    const inserts = list.filter(({ query }) => query.op === 'insert');
    const columns = new Set(inserts.flatMap(({ query }) => query.sets.map(({ column }) => column)));
    const hasStatus =
      [...columns].some((column) => words.STATUS.test(column)) ||
      list.some(({ query }) => query.op === 'update' && query.sets.some(({ column }) => words.STATUS.test(column)));
    const hasKind = [...columns].some((column) => /^(?:type|kind|reason|cause|action)$/.test(column));
    const signals: (readonly [number, string])[] = [
      [
        words.LEDGER_STRONG.test(table) || words.AUDIT.test(table) ? 4 : words.LEDGER_WEAK.test(table) ? 1 : 0,
        `it is called ${table}`,
      ],
      [columns.has('balance_after') || columns.has('balance_before') ? 3 : 0, 'its rows carry the balance'],
      [
        [...columns].some((column) => /^(?:amount|delta|change)$/.test(column)) && hasKind ? 2 : 0,
        'its rows are amounts with a reason',
      ],
      [inserts.some(({ fn, file }) => movingFns.has(fn?.node ?? file)) ? 1 : 0, 'it is written beside a balance'],
      [hasStatus ? -5 : 0, ''],
      [words.TASK_TABLE.test(table) || words.MONEY_TABLE.test(table) ? -5 : 0, ''],
    ];
    const score = signals.reduce((sum, [weight]) => sum + weight, 0);
    if (score >= ENOUGH)
      ledgers.set(
        table,
        signals
          .filter(([weight]) => weight > 0)
          .map(([, text]) => text)
          .join(', '),
      );
  }
  return ledgers;
}

type Tables = {
  readonly chargingFns: ReadonlySet<unknown>;
  readonly ledgers: ReadonlyMap<string, string>;
  readonly accounts: ReadonlySet<string>;
};

function findTasks(seen: readonly Statement[], { chargingFns, ledgers, accounts }: Tables): Map<string, string> {
  const byTable = Map.groupBy(seen, ({ query }) => query.table);
  const tasks = new Map<string, string>();
  for (const [table, list] of byTable) {
    if (table === '' || ledgers.has(table) || accounts.has(table) || isRecord(table, list)) continue;
    const inserts = list.filter(({ query }) => query.op === 'insert');
    const inserted = new Set(inserts.flatMap(({ query }) => query.sets.map(({ column }) => column)));
    const all = new Set([
      ...inserted,
      ...list.flatMap(({ query }) => [...query.sets, ...query.where].map(({ column }) => column)),
    ]);
    const has = (pattern: RegExp, among: ReadonlySet<string> = inserted): boolean =>
      [...among].some((column) => pattern.test(column));
    const isQueue = has(/^(?:dedup_key|due_at|payload|run_at|locked_until)$/);
    const signals: (readonly [number, string])[] = [
      [has(/eligible_for_refund|^(?:is_)?refunded$/, all) ? 4 : 0, 'its rows can be refunded'],
      [
        has(/^(?:quota_cost|credits_used|credits?|credit_cost|cost|quota|charge_id|credits_cost|points_cost)$/) ? 2 : 0,
        'its rows have a price',
      ],
      [has(/^(?:status|state)$/, all) ? 1 : 0, 'its rows have a status'],
      [has(/^(?:user_id|account_id|member_id|userid|owner_id)$/) ? 1 : 0, 'its rows belong to a user'],
      [has(/^(?:feature_id|feature|model|prompt|input|params|type|kind|options)$/) ? 1 : 0, 'its rows say what to do'],
      [
        inserts.some(({ fn, file }) => chargingFns.has(fn?.node ?? file)) ? 2 : 0,
        'quota is taken where its rows are made',
      ],
      [words.TASK_TABLE.test(table) ? 1 : 0, `it is called ${table}`],
      [words.MONEY_TABLE.test(table) || isQueue ? -6 : 0, ''],
    ];
    const score = signals.reduce((sum, [weight]) => sum + weight, 0);
    if (score >= 5)
      tasks.set(
        table,
        signals
          .filter(([weight]) => weight > 0)
          .map(([, text]) => text)
          .join(', '),
      );
  }
  return tasks;
}

/** Its rows say what was used and nothing becomes of them: a record, not work that is to be done. */
function isRecord(table: string, list: readonly Statement[]): boolean {
  if (words.TASK_TABLE.test(table)) return false;
  return list.every(({ query }) => {
    if (query.op === 'update' || query.isUpsert) return false;
    const isOver = (value: Value): boolean => query.op === 'insert' && words.ENDED.test(stringOf(value) ?? '');
    return [...query.sets, ...query.where].every(
      ({ column, value }) =>
        !/eligible_for_refund|refunded$|^(?:prompt|input|params|options)$/.test(column) &&
        (!words.STATUS.test(column) || isOver(value)),
    );
  });
}

type States = {
  readonly tasks: ReadonlyMap<string, string>;
  readonly ledgers: ReadonlyMap<string, string>;
  readonly accounts: ReadonlySet<string>;
};

function findStates(seen: readonly Statement[], { tasks, ledgers, accounts }: States): Map<string, string> {
  const states = new Map<string, string>();
  for (const { query } of seen) {
    const { table } = query;
    if (ledgers.has(table) || query.op !== 'update' || !query.sets.some(({ column }) => words.STATUS.test(column)))
      continue;
    if (tasks.has(table)) states.set(table, tasks.get(table) ?? '');
    else if (words.MONEY_TABLE.test(table) && !accounts.has(table))
      states.set(table, `it is called ${table} and has a status`);
  }
  return states;
}

/** Some function looks for failed work that was not given back. */
function sweeps(seen: readonly Statement[]): boolean {
  return seen.some(
    ({ query }) =>
      query.op === 'select' &&
      query.where.some(
        ({ column, value }) => words.REFUNDED.test(column) && value.kind === 'literal' && !value.value,
      ) &&
      query.where.some(({ column, value }) => words.STATUS.test(column) && words.FAILED.test(stringOf(value) ?? '')),
  );
}
