import { isPool } from '../queries/transactions.ts';
import type { Query, Result } from '../queries/query.ts';
import { originsOf } from '../values/value.ts';
import { isLookedAt, MAY } from '../walk/state.ts';
import type { Place } from '../project/file-model.ts';
import { at, movesOf, wayTo, type Moment, type Move, type Watch } from './moment.ts';

type Written = {
  readonly place: Place;
  readonly result: Result;
  readonly moves: readonly Move[];
  readonly evidence: readonly string[];
};

/** BG201–BG205, BG208: how a balance is written. */
export const watchBalance: Watch = (moment) => {
  const { roles } = moment;
  const guardedAlone: Written[] = [];
  const guarded: Written[] = [];
  let writesOutside = 0;
  const versioned: (Written & { readonly newest: string | undefined })[] = [];
  return {
    on: (effect) => {
      if (effect.kind === 'ending') {
        for (const each of versioned.filter(({ result }) => result.frame === effect.frame)) judgeVersion(moment, each);
        return;
      }
      if (effect.kind !== 'statement') return;
      const { result, place } = effect;
      const { query, frame } = result;
      const moves = movesOf(roles, query);
      if (query.op !== 'select' && frame === undefined) writesOutside += 1;
      if (query.op === 'insert' && roles.isLedger(query.table)) judgeEntry(moment, result);
      if (moves.length === 0) return;
      const written = { place, result, moves, evidence: evidenceOf(moment, result, moves) };
      const isGuarded = moves.every(({ set }) => isGuard(query, set.column));
      if (isGuarded) guarded.push(written);
      if (frame === undefined && query.flavour !== 'mongo') {
        if (isGuarded) guardedAlone.push(written);
        else if (!moment.isPartial) report201(moment, written);
        return;
      }
      if (frame === 0 && moment.isPartial) return;
      if (!isGuarded) judgeLock(moment, written, (newest) => versioned.push({ ...written, newest }));
      if (moves.some(({ step }) => step === '-') && !isGuarded) judgeEnough(moment, written);
    },
    end: () => {
      for (const written of guarded) judgeOutcome(moment, written);
      for (const written of guardedAlone) {
        if (writesOutside > 1) report201(moment, written);
        else if (!moment.isPartial) report208(moment, written);
      }
    },
  };
};

/** `WHERE balance >= cost`, or `WHERE balance = what was read`. */
function isGuard(query: Query, column: string): boolean {
  return query.where.some(
    (condition) =>
      condition.column === column &&
      (condition.op === '>=' ||
        condition.op === '>' ||
        (condition.op === '=' && originsOf(condition.value).some(({ kind }) => kind === 'column'))),
  );
}

function evidenceOf(moment: Moment, { query }: Result, moves: readonly Move[]): string[] {
  const { roles, w } = moment;
  const columns = moves.map(({ set }) => `${query.table}.${set.column}`).join(', ');
  const reads = w.trail.flatMap((effect) =>
    effect.kind === 'statement' && effect.result.query.op === 'select' && effect.result.query.table === query.table
      ? [effect]
      : [],
  );
  return [
    `${columns} is a balance: ${moves.map(({ set }) => roles.why(query.table, set.column)).join('; ')}`,
    wayTo(moment, query.place),
    ...w.state.frames.map((frame) => `a transaction is open, begun at ${at(frame.place)}`),
    ...reads
      .slice(-3)
      .map(
        ({ result, place }) =>
          `${query.table} is read at ${at(place)} ${result.query.isLocking ? 'with' : 'without'} FOR UPDATE`,
      ),
  ];
}

function columnsOf(written: Written): string {
  return written.moves.map(({ set }) => `${written.result.query.table}.${set.column}`).join(', ');
}

function report201(moment: Moment, written: Written): void {
  const { handle } = written.result.query;
  const { frames } = moment.w.state;
  const why = isPool(handle)
    ? 'the statement goes through a pool: each one may take another connection, so BEGIN and COMMIT on a pool hold nothing together'
    : frames.length > 0
      ? 'a transaction is open, but this statement does not go through its handle'
      : 'no transaction is open on the way to here';
  moment.report({
    ruleId: 'BG201',
    place: written.place,
    message: {
      zh: `余额 ${columnsOf(written)} 在事务之外被修改`,
      en: `The balance ${columnsOf(written)} is written outside a transaction`,
    },
    evidence: [...written.evidence, why],
  });
}

function report208(moment: Moment, written: Written): void {
  moment.report({
    ruleId: 'BG208',
    place: written.place,
    message: {
      zh: `余额 ${columnsOf(written)} 的条件扣减独自提交，没有与流水写在同一事务`,
      en: `The conditional write of ${columnsOf(written)} commits alone: no transaction ties it to a ledger row`,
    },
    evidence: written.evidence,
  });
}

/** A lock on a row that stays, taken in this transaction on every way to here. */
function judgeLock(moment: Moment, written: Written, later: (newest: string | undefined) => void): void {
  const { roles, w } = moment;
  const { query, frame } = written.result;
  const isRelative = written.moves.every(({ set, step }) => set.change !== undefined && step === '+');
  if (isRelative) return;
  const locked = locksOf(w.state.facts.keys(), 'lock', frame);
  if (locked.some((table) => table === query.table || roles.isAccount(table))) return;
  // A lock on another row of the same member serves while the database itself does the sum.
  const isOwnStep = written.moves.every(({ set }) => set.change !== undefined);
  if (isOwnStep && locked.length > 0) return;
  const [newest] = locksOf(w.state.facts.keys(), 'newest', frame);
  if (w.loops.some(({ isRetry }) => isRetry) && isVersioned(query)) later(newest);
  else reportUnlocked(moment, written, { newest, locked });
}

/** A version that is compared serves when losing is tried again; where every loser throws, the transaction only ends in an error. */
function judgeVersion(moment: Moment, written: Written & { readonly newest: string | undefined }): void {
  const { result } = written;
  if (isLookedAt(result) && !moment.w.state.facts.has(`${MAY}lost:${result.id}`))
    reportUnlocked(moment, written, { newest: written.newest, locked: [] });
}

function reportUnlocked(
  moment: Moment,
  written: Written,
  seen: { newest: string | undefined; locked: readonly string[] },
): void {
  const { newest, locked } = seen;
  if (newest !== undefined) {
    report203(moment, { place: written.place, table: newest, evidence: written.evidence });
    return;
  }
  const found =
    locked.length === 0
      ? 'no row is locked in this transaction before the write'
      : `locked before: ${locked.join(', ')}`;
  moment.report({
    ruleId: 'BG202',
    place: written.place,
    message: {
      zh: `修改余额 ${columnsOf(written)} 前没有用 FOR UPDATE 锁定该行，也没有条件更新`,
      en: `The balance ${columnsOf(written)} is written without FOR UPDATE on its row and without a condition on it`,
    },
    evidence: [...written.evidence, found],
  });
}

function locksOf(keys: Iterable<string>, kind: string, frame: number | undefined): string[] {
  const start = `${kind}:${frame}:`;
  return [...keys].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

function isVersioned({ where }: Query): boolean {
  return where.some(({ column, op }) => op === '=' && /version|seq|revision|etag/.test(column));
}

function report203(moment: Moment, found: { place: Place; table: string; evidence: readonly string[] }): void {
  moment.report({
    ruleId: 'BG203',
    place: found.place,
    message: {
      zh: `锁加在 ${found.table} 的最新一行上；新行插入后，下一个请求锁的是另一行`,
      en: `The lock is on the newest row of ${found.table}: once another row is added, the next request locks a different one`,
    },
    evidence: found.evidence,
  });
}

/** A balance that is only ever the newest row of a ledger. */
function judgeEntry(moment: Moment, { query, frame }: Result): void {
  const { w, roles } = moment;
  const after = query.sets.find(({ column }) => /^(?:balance_after|balance|new_balance|running_balance)$/.test(column));
  if (after === undefined) return;
  const source = originsOf(after.value).flatMap((value) =>
    value.kind === 'column' && value.result.query.table === query.table ? [value.result] : [],
  )[0];
  if (source === undefined || (frame === 0 && moment.isPartial)) return;
  const locked = locksOf(w.state.facts.keys(), 'lock', frame);
  if (locked.some((table) => table !== query.table || !source.query.isDescending)) return;
  const evidence = [
    `${query.table} is a ledger: ${roles.why(query.table)}`,
    wayTo(moment, query.place),
    `the balance before is read from its newest row at ${at(source.query.place)}`,
  ];
  if (source.query.isLocking) report203(moment, { place: query.place, table: query.table, evidence });
  else
    moment.report({
      ruleId: 'BG202',
      place: query.place,
      message: {
        zh: `余额由 ${query.table} 的最新一行推算，没有锁定任何固定的行`,
        en: `The balance is computed from the newest row of ${query.table} and no row that stays is locked`,
      },
      evidence,
    });
}

function judgeEnough(moment: Moment, written: Written): void {
  const { w, roles } = moment;
  const { query } = written.result;
  for (const { set, step } of written.moves) {
    if (step !== '-' || isGuard(query, set.column) || roles.schema.isNeverNegative(query.table, set.column)) continue;
    const isKnown = w.state.facts.has(`enough:${query.table}.${set.column}`);
    const isChecked = w.checks.some(
      ({ names, values }) =>
        [...names].some((name) =>
          /insufficient|not_?enough|enough|quota|balance|credit|points|available|remaining|不足/i.test(name),
        ) || values.some((value) => value.kind === 'column' && value.column === set.column),
    );
    if (isKnown || isChecked) continue;
    moment.report({
      ruleId: 'BG205',
      place: written.place,
      message: {
        zh: `扣减 ${query.table}.${set.column} 前没有检查余额是否足够`,
        en: `${query.table}.${set.column} is taken from without a look at whether there is enough`,
      },
      evidence: [
        ...written.evidence,
        'no condition on the way compares it, and no CHECK (… >= 0) of the tree keeps it from going below zero',
      ],
    });
  }
}

function judgeOutcome(moment: Moment, written: Written): void {
  if (isLookedAt(written.result) || moment.isPartial) return;
  moment.report({
    ruleId: 'BG204',
    place: written.place,
    message: {
      zh: `${columnsOf(written)} 的条件扣减没有检查影响行数`,
      en: `Nobody looks at whether the conditional write of ${columnsOf(written)} changed a row`,
    },
    evidence: [
      ...written.evidence,
      'when the condition does not hold nothing is taken, and everything after it goes on as if it were paid',
    ],
  });
}
