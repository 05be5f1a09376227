import type { Place } from '../project/file-model.ts';
import { placeOf } from '../project/file-model.ts';
import { ONCE, TRANSACTION_ID } from '../roles/words.ts';
import { originsOf, stringOf } from '../values/value.ts';
import type { Facts } from '../walk/state.ts';
import { namesIn } from '../walk/tests.ts';
import { snake, type Query } from '../queries/query.ts';
import type { Since } from '../walk/walker.ts';
import { at, factsNow, isRefundSign, movesOf, wayTo, type Moment, type Watch } from './moment.ts';

const ROUTE = /notify|notification|callback|webhook|\bipn\b/i;
const NAME =
  /notify|notification|callback|webhook|(?:^|_)ipn(?:_|$)|payment_?(?:success|succeeded|paid|received)|on_?paid|handle_?pay/i;
const PAID = /^(?:paid|success|succeeded|completed|complete|finished|active)$/i;
const AMOUNT = /amount|total|fee\b|price|fen\b|cents|money|paid_?sum/i;
const SIGNATURE =
  /verif|sign(?:ature)?|hmac|constructevent|unwrap|decrypt|decipher|authentic|genuine|trusted|webhooksecret/i;

type Credit = {
  readonly place: Place;
  readonly facts: Facts;
  readonly frame: number | undefined;
  readonly way: string;
};

/** How much had been asked by then, and before the news came. */
type Noted = Credit & {
  readonly entry: Place;
  readonly since: Since;
  readonly checks: number;
  readonly asked: number;
  readonly choices: number;
};

/** BG240–BG242: news of a payment, brought by somebody from outside. */
export const watchNotifications: Watch = (moment) => {
  const { roles, w } = moment;
  let credit: Noted | undefined;
  return {
    on: (effect) => {
      if (effect.kind !== 'statement' || credit !== undefined) return;
      const { query, frame } = effect.result;
      if (!credits(moment, query)) return;
      const entry = entryOf(moment);
      if (entry === undefined) return;
      credit = {
        place: effect.place,
        facts: factsNow(moment),
        frame,
        way: wayTo(moment, effect.place),
        entry: entry.place,
        since: entry.since,
        checks: w.checks.length,
        asked: w.trail.length,
        choices: w.choices.length,
      };
    },
    end: () => {
      if (credit === undefined) return;
      // News of a refund gives quota too; what is given back after a payment was believed is another matter.
      const before = w.trail.slice(0, credit.asked);
      if (before.some((effect) => isRefundSign(roles, effect) && effect.kind === 'statement')) return;
      judgeSignature(moment, credit);
      judgeAmount(moment, credit);
      judgeOnce(moment, credit);
    },
  };
};

/** Gives quota, or says of an order that it is paid. */
function credits({ roles }: Moment, query: Query): boolean {
  if (movesOf(roles, query).some(({ step }) => step === '+')) return true;
  if (query.op !== 'update' || !roles.isMoneyState(query.table) || roles.isPaidTask(query.table)) return false;
  return query.sets.some(
    ({ column, value }) =>
      /^(?:status|state|payment_status|pay_status)$/.test(column) &&
      originsOf(value).some((part) => PAID.test(stringOf(part) ?? '')),
  );
}

/** The handler that somebody outside calls. */
function entryOf({ w }: Moment): { place: Place; since: Since } | undefined {
  const [first] = w.stack;
  if (first === undefined) return undefined;
  const isRoute = w.routes.some((route) => ROUTE.test(route));
  const step = isRoute ? first : w.stack.find(({ fn }) => NAME.test(fn.name));
  if (step === undefined) return undefined;
  const { node, file } = step.fn;
  // Handlers of a route run one after the other: what the first asks, it asks for the others.
  const since = step === first ? { checks: 0, trail: 0 } : step;
  return { place: placeOf(file, { start: node.start, end: node.body?.start ?? node.end }), since };
}

function judgeSignature(moment: Moment, { entry: place, since, way, checks, asked }: Noted): void {
  const { w } = moment;
  // What the program asks before it listens, or does when this is over, proves nothing of the news.
  const seen = w.checks.slice(since.checks, checks);
  const isProven =
    seen.some(({ names }) => [...names].some((name) => SIGNATURE.test(name))) ||
    seen.some(({ values }) => values.some((value) => value.kind === 'external' && value.source === 'crypto')) ||
    w.trail.slice(since.trail, asked).some((effect) => effect.kind === 'unresolved' && SIGNATURE.test(effect.name)) ||
    w.stack.some(({ fn }) => SIGNATURE.test(fn.name));
  if (isProven) return;
  moment.report({
    ruleId: 'BG240',
    place,
    message: { zh: '支付通知没有验证签名就入账', en: 'A payment notification is believed without its signature' },
    evidence: [way, 'nothing on the way verifies or decrypts what came in'],
  });
}

/** After the credit it is too late. */
function judgeAmount(moment: Moment, { entry: place, since, way, checks, asked, choices }: Noted): void {
  const isChosen = moment.w.choices
    .slice(0, choices)
    .some((question) => [...namesIn(question)].some((name) => AMOUNT.test(snake(name))));
  const isCompared = moment.w.checks
    .slice(since.checks, checks)
    .some(
      ({ names, values }) =>
        [...names].some((name) => AMOUNT.test(snake(name))) ||
        values.some((value) => value.kind === 'column' && AMOUNT.test(value.column)),
    );
  const isAsked = moment.w.trail
    .slice(since.trail, asked)
    .some(
      (effect) => effect.kind === 'statement' && effect.result.query.where.some(({ column }) => AMOUNT.test(column)),
    );
  if (isCompared || isAsked || isChosen) return;
  moment.report({
    ruleId: 'BG241',
    place,
    message: { zh: '支付通知的金额没有与订单核对', en: 'The paid amount is not compared with the order' },
    evidence: [way, 'no condition on the way that ends it is about an amount'],
  });
}

function judgeOnce(moment: Moment, { facts, frame, entry, way, place }: Credit & { entry: Place }): void {
  const { w, roles } = moment;
  const isHeld = [...facts].some(([key, fact]) => {
    const [kind = '', name = ''] = key.split(':');
    const column = name.split('.').at(-1) ?? '';
    return (
      (kind === 'tested' || kind === 'no') &&
      (ONCE.test(column) || TRANSACTION_ID.test(column)) &&
      (fact.note === 'won' || (fact.note === 'locked' && fact.frame === frame))
    );
  });
  const statements = w.trail.flatMap((effect) => (effect.kind === 'statement' ? [effect.result] : []));
  const isRecorded = statements.some(
    ({ query, frame: of }) =>
      query.op === 'insert' &&
      of === frame &&
      frame !== undefined &&
      query.sets.some(
        ({ column, value }) =>
          TRANSACTION_ID.test(column) &&
          value.kind !== 'literal' &&
          (roles.isUnique(query.table, column) || !roles.schema.isKnown(query.table)),
      ),
  );
  const isConditional = statements.some(
    ({ query }) =>
      query.op === 'update' && query.place === place && query.where.some(({ column }) => ONCE.test(column)),
  );
  if (isHeld || isRecorded || isConditional) return;
  moment.report({
    ruleId: 'BG242',
    place: entry,
    message: { zh: '同一笔支付的重复通知会重复入账', en: 'The same payment told twice is credited twice' },
    evidence: [
      way,
      `looked for in the transaction that credits (${at(place)}): the order's status seen under FOR UPDATE or moved conditionally, or the vendor's transaction id inserted under a unique key`,
    ],
  });
}
