import type { Place } from '../project/file-model.ts';
import type { Query, Result } from '../queries/query.ts';
import type { Roles } from '../roles/roles.ts';
import { ONCE, REFUND, REFUNDED, STATUS } from '../roles/words.ts';
import { originsOf, type Value } from '../values/value.ts';
import { isLookedAt, type Facts } from '../walk/state.ts';
import type { Effect } from '../walk/walker.ts';
import {
  at,
  callSite,
  factsNow,
  isLedgerEntry,
  isRefundSign,
  movesOf,
  namesOnWay,
  wayTo,
  type Moment,
  type Watch,
} from './moment.ts';

type Given = {
  readonly place: Place;
  readonly result: Result;
  readonly facts: Facts;
  readonly amount: Value;
  readonly isNamed: boolean;
  readonly way: string;
};

/** BG220–BG223: quota that is given back. */
export const watchRefunds: Watch = (moment) => {
  const { roles, w } = moment;
  const given: Given[] = [];
  return {
    on: (effect) => {
      if (effect.kind === 'lost') judgeLost(moment, effect);
      if (isRefundSign(roles, effect) || (effect.kind === 'statement' && isNamedIncrease(moment, effect.result)))
        judgeOpinion(moment, effect.place);
      if (effect.kind !== 'statement') return;
      const { result, place } = effect;
      const increase = movesOf(roles, result.query).find(({ step }) => step === '+');
      const entry = isLedgerEntry(roles, result.query, REFUND)
        ? result.query.sets.find(({ column }) => /^(?:amount|delta|change|credits|quota|points)$/.test(column))
        : undefined;
      const amount = increase?.set.value ?? entry?.value;
      if (amount === undefined) return;
      given.push({
        place,
        result,
        facts: factsNow(moment),
        amount,
        isNamed: namesOnWay(moment).some((name) => REFUND.test(name)),
        way: wayTo(moment, place),
      });
    },
    end: () => {
      const judged = new Set<number | undefined>();
      const priced = new Set<number | undefined>();
      for (const each of given) {
        const { frame } = each.result;
        const together = w.trail.filter((effect) => effect.kind === 'statement' && effect.result.frame === frame);
        if (!each.isNamed && !together.some((effect) => isRefundSign(roles, effect))) continue;
        if (!priced.has(frame) && judgePrice(moment, each)) priced.add(frame);
        // One refund in one transaction is judged where its first quota moves.
        if (judged.has(frame) || (moment.isPartial && (frame === undefined || frame === 0))) continue;
        judged.add(frame);
        judgeOnce(moment, each, together);
      }
    },
  };
};

function isNamedIncrease(moment: Moment, { query }: Result): boolean {
  return (
    movesOf(moment.roles, query).some(({ step }) => step === '+') &&
    namesOnWay(moment).some((name) => REFUND.test(name))
  );
}

/** Something lets only one of two refunds through: a flag or status seen under a lock, a write that one of them wins, a unique key. */
function judgeOnce(moment: Moment, given: Given, together: readonly Effect[]): void {
  const { roles } = moment;
  const { frame, query } = given.result;
  const held = [...given.facts].filter(([key, fact]) => {
    const [kind = '', name = ''] = key.split(':');
    const column = name.split('.').at(-1) ?? '';
    const isAbout =
      (kind === 'no' || kind === 'tested') && ONCE.test(column) && !roles.isBalance(name.split('.')[0] ?? '', column);
    return isAbout && fact.frame === frame && frame !== undefined && (fact.note === 'won' || fact.note === 'locked');
  });
  const statements = together.flatMap((effect) => (effect.kind === 'statement' ? [effect.result] : []));
  const wins = held.some(([, fact]) => fact.note === 'won');
  const columns = held.map(([key]) => key.split(':')[1] ?? '');
  const isWritten = columns.some((name) =>
    statements.some(
      (result) =>
        result.query.op === 'update' &&
        result.query.sets.some((set) => isSameFlag(name, `${result.query.table}.${set.column}`)),
    ),
  );
  const keyed = statements.find(
    (result) =>
      result.query.op === 'insert' && !roles.isBalance(result.query.table, 'balance') && isKeyed(roles, result.query),
  );
  const guardedByRow = query.where.some(({ column }) => REFUNDED.test(column)) && isLookedAt(given.result);
  if (wins || (columns.length > 0 && isWritten) || keyed !== undefined || guardedByRow) return;
  const unlocked = [...given.facts].filter(
    ([key, fact]) => /^(?:no|tested):/.test(key) && ONCE.test(key.split('.').at(-1) ?? '') && fact.note === '',
  );
  moment.report({
    ruleId: 'BG220',
    place: given.place,
    message: {
      zh: '返还配额前没有在锁内检查并标记，重复返还无法阻止',
      en: 'Nothing stops the same quota from being given back twice',
    },
    evidence: [
      given.way,
      frame === undefined
        ? 'no transaction is open'
        : 'looked for in this transaction: a `refunded` flag or a status read under FOR UPDATE and written again, a conditional UPDATE whose outcome decides, a unique key',
      ...unlocked
        .slice(0, 2)
        .map(
          ([key, fact]) =>
            `${key.split(':')[1]} is looked at, but it was read at ${at(fact.place)} without a lock: two requests both see it as it was`,
        ),
      ...(columns.length > 0 && !isWritten
        ? [`${columns.join(', ')} is looked at under the lock but never written`]
        : []),
    ],
  });
}

function stem(name: string): string {
  return name.replace(/_at$/, '').replace('.is_', '.');
}

/** A flag and its time say the same. */
function isSameFlag(one: string, other: string): boolean {
  return (
    stem(one) === stem(other) ||
    (STATUS.test(one.split('.').at(-1) ?? '') &&
      one.split('.')[0] === other.split('.')[0] &&
      ONCE.test(other.split('.').at(-1) ?? ''))
  );
}

/** A unique key refuses the second row for the same subject: none of its columns is different the second time. */
function isKeyed({ schema }: Roles, { table, sets }: Query): boolean {
  return schema.keysOf(table).some((key) => {
    // What the statement leaves to the table is made from the rest of the row.
    const parts = sets.filter(({ column }) => key.includes(column)).map(({ value }) => value);
    return parts.every((value) => value.kind === 'literal' || staysTheSame(value)) && parts.some(staysTheSame);
  });
}

/** Neither chance nor a count. A number of one's own where nobody gave one is keyed as far as it was given. */
function staysTheSame(value: Value): boolean {
  if (value.kind === 'either') return value.options.some((option) => staysTheSame(option.value));
  return value.kind !== 'literal' && !counts(value) && !originsOf(value).some(isRandom);
}

/** `seq + 1` */
function counts(value: Value): boolean {
  return (
    value.kind === 'mix' &&
    (value.op === '+' || value.op === '-') &&
    value.of.some((part) => part.kind === 'literal' && typeof part.value === 'number')
  );
}

function isRandom(value: Value): boolean {
  // `new Date()` is another each time.
  if (value.kind === 'external' && value.path[0] === 'Date' && value.isMade && value.args.length === 0) return true;
  const name =
    value.kind === 'external' ? [value.source, ...value.path].join('.') : value.kind === 'mix' ? value.op : '';
  return /uuid|ulid|nanoid|random|\bnow\b|newId/i.test(name);
}

/** The amount comes from what things cost now, not from what was paid. */
function judgePrice(moment: Moment, given: Given): boolean {
  const { roles } = moment;
  const sources = originsOf(given.amount).flatMap((value) => {
    if (value.kind === 'column' && roles.isPriceTable(value.result.query.table))
      return [`${value.result.query.table}.${value.column}, read at ${at(value.result.query.place)}`];
    if (
      value.kind === 'mix' &&
      /^(?:lookup|get\w*(?:cost|price)|\w*costOf|\w*priceOf|calculate\w*(?:cost|price|credits)|(?:cost|price)For\w*)$/i.test(
        value.op,
      )
    )
      return [value.op === 'lookup' ? 'a table of prices in the code' : `${value.op}()`];
    return [];
  });
  const [source] = sources;
  if (source === undefined) return false;
  moment.report({
    ruleId: 'BG221',
    place: given.place,
    message: {
      zh: '按当前价格返还，而不是当时实际扣除的数额',
      en: 'What is given back is the price of today, not what was paid',
    },
    evidence: [given.way, `the amount comes from ${source}`],
  });
  return true;
}

const OPINION =
  /(?:^|[^a-z])(?:ratings?|rate_?task|stars?|feedback|thumbs?(?:_?(?:up|down))?|dislikes?|unsatisfied|dissatisf\w*|satisfaction|complain\w*|unhappy|nps|sentiment|bad_?review|negative_?review)(?:[^a-z]|$)|差评|评价|评分|不满意|投诉/i;
const REVIEWS = /(?:^|\/)reviews?(?:\/|$)/i;

/** A refund that hangs on what somebody thought of the result. */
function judgeOpinion(moment: Moment, place: Place): void {
  const { w } = moment;
  const guard = w.guards.find(({ names }) => [...names].some((name) => OPINION.test(snakeWords(name))));
  const step = w.stack.findIndex(({ fn }) => OPINION.test(snakeWords(fn.name)));
  const route = w.routes.find(
    (path) => OPINION.test(path) || (REVIEWS.test(path) && !/admin|operator|refund/i.test(path)),
  );
  if (guard === undefined && step < 0 && route === undefined) return;
  const depth = guard === undefined ? Math.max(step, 0) : guard.depth - 1;
  const what =
    guard === undefined
      ? (route ?? w.stack[step]?.fn.name ?? '')
      : [...guard.names].filter((name) => OPINION.test(snakeWords(name))).join(', ');
  moment.report({
    ruleId: 'BG222',
    place: callSite(moment, depth, place),
    message: { zh: `配额返还取决于主观评价（${what}）`, en: `Quota is given back because of an opinion (${what})` },
    evidence: [wayTo(moment, place), `it hangs on ${what}; only a failure of the system or a vendor gives quota back`],
  });
}

function snakeWords(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1_$2');
}

function judgeLost(moment: Moment, effect: Extract<Effect, { kind: 'lost' }>): void {
  const { roles, w } = moment;
  if (!effect.inside.some((each) => isRefundSign(roles, each))) return;
  // Going through rows that will be found again, or round and round: what fails now is taken up the next time.
  const isSweep = w.loops.some(
    ({ over, isGoingOn }) => isGoingOn || (over !== undefined && originsOf(over).some(({ kind }) => kind === 'rows')),
  );
  if (effect.how === 'swallowed' && isSweep) return;
  const message =
    effect.how === 'unawaited'
      ? {
          zh: '返还没有等待结果（缺少 await）：失败时无人知晓',
          en: 'The refund is not awaited: when it fails nobody knows',
        }
      : {
          zh: '返还失败被吞掉：既不抛出，也不留下可重试的记录',
          en: 'A failed refund is swallowed: neither thrown nor kept for another try',
        };
  moment.report({ ruleId: 'BG223', place: effect.place, message, evidence: [wayTo(moment, effect.place)] });
}
