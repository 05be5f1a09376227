import type { Place } from '../project/file-model.ts';
import type { Query, Result } from '../queries/query.ts';
import { FAILED, MEMBERSHIP, REFUND, STATUS } from '../roles/words.ts';
import { originsOf, stringOf } from '../values/value.ts';
import { isLookedAt } from '../walk/state.ts';
import { at, isRefundSign, movesOf, namesOnWay, wayTo, type Moment, type Watch } from './moment.ts';

type Made = { readonly place: Place; readonly way: string };

/** BG224, BG230–BG233: tasks and their statuses. */
export const watchTasks: Watch = (moment) => {
  const { roles, w } = moment;
  const failed: (Made & { table: string })[] = [];
  const unpaid: (Made & { table: string })[] = [];
  const moves: (Made & { result: Result; isSettled: boolean })[] = [];
  let charge: Place | undefined;
  const money: { frame: number | undefined; before: number }[] = [];
  return {
    on: (effect) => {
      if (effect.kind !== 'statement') return;
      const { result, place } = effect;
      const { query } = result;
      if (movesOf(roles, query).length > 0) {
        charge ??= place;
        money.push({ frame: result.frame, before: moves.length });
      }
      if (query.op === 'insert' && roles.isPaidTask(query.table)) {
        if (roles.hasCharges && !moment.isPartial && !w.state.facts.has('charged'))
          unpaid.push({ place, way: wayTo(moment, place), table: query.table });
        judgeEligible(moment, query, place);
        judgeMember(moment, query, place);
      }
      const status = query.op === 'update' ? query.sets.find(({ column }) => STATUS.test(column)) : undefined;
      if (status === undefined || !roles.isMoneyState(query.table)) return;
      const isSettled = judgeStatus(moment, result, place);
      moves.push({ result, place, isSettled, way: wayTo(moment, place) });
      const words = originsOf(status.value).flatMap((value) => stringOf(value) ?? []);
      if (roles.isPaidTask(query.table) && words.length > 0 && words.every((word) => FAILED.test(word)))
        failed.push({ place, way: wayTo(moment, place), table: query.table });
    },
    end: () => {
      for (const each of unpaid) reportUnpaid(moment, each, charge);
      for (const [index, { result, place, isSettled, way }] of moves.entries()) {
        const isFollowed = money.some(({ frame, before }) => before > index && frame === result.frame);
        if (isFollowed && !isSettled && !isLookedAt(result)) reportIgnored(moment, result, { place, way });
      }
      if (moment.isPartial || roles.hasRefundSweep || !roles.hasCharges) return;
      const isGivenBack = w.trail.some(
        (effect) => isRefundSign(roles, effect) || (effect.kind === 'unresolved' && REFUND.test(effect.name)),
      );
      if (!isGivenBack) for (const each of failed) report224(moment, each);
    },
  };
};

function judgeEligible(moment: Moment, query: Query, place: Place): void {
  const { schema } = moment.roles;
  const eligibleColumn = moment.roles.eligibleColumn(query.table);
  if (eligibleColumn === undefined || query.sets.length === 0) return;
  const set = query.sets.find(({ column }) => column === eligibleColumn);
  const isFalse = set !== undefined && set.value.kind === 'literal' && !set.value.value;
  if (set !== undefined && !isFalse) return;
  if (set === undefined && schema.isTrueByDefault(eligibleColumn)) return;
  moment.report({
    ruleId: 'BG231',
    place,
    message: {
      zh: `创建任务时没有设置 ${eligibleColumn} = true`,
      en: `A task is made without ${eligibleColumn} = true`,
    },
    evidence: [
      `${query.table} is paid work: ${moment.roles.why(query.table)}`,
      wayTo(moment, place),
      set === undefined
        ? `${eligibleColumn} is not among the columns written`
        : `${eligibleColumn} is written as false`,
    ],
  });
}

/** Somebody on the way asked whether this is a member, and would have ended it. */
function judgeMember(moment: Moment, query: Query, place: Place): void {
  const { w, roles } = moment;
  if (!roles.hasMembership || moment.isPartial) return;
  const isAsked =
    w.checks.some(
      ({ names, values }) =>
        [...names].some((name) => MEMBERSHIP.test(name)) ||
        values.some(
          (value) =>
            (value.kind === 'column' && (MEMBERSHIP.test(value.column) || MEMBERSHIP.test(value.result.query.table))) ||
            ((value.kind === 'rows' || value.kind === 'count') && isAboutMembership(value.result.query)),
        ),
    ) ||
    w.trail.some((effect) => effect.kind === 'unresolved' && MEMBERSHIP.test(effect.name)) ||
    namesOnWay(moment).some((name) => /require_?member|ensure_?member|assert_?member/i.test(name));
  if (isAsked) return;
  moment.report({
    ruleId: 'BG233',
    place,
    message: { zh: '创建任务前没有校验会员资格', en: 'A task is made without a look at whether the user is a member' },
    evidence: [
      `${query.table} is paid work: ${roles.why(query.table)}`,
      wayTo(moment, place),
      'no condition on the way that ends it is about membership, plan or subscription',
    ],
  });
}

function isAboutMembership(query: Query): boolean {
  return MEMBERSHIP.test(query.table) || query.where.some(({ column }) => MEMBERSHIP.test(column));
}

function reportUnpaid(moment: Moment, made: Made & { table: string }, charge: Place | undefined): void {
  const isLate = charge !== undefined;
  moment.report({
    ruleId: 'BG232',
    place: made.place,
    message: isLate
      ? {
          zh: '先创建任务，后扣配额（或有一条路径没有扣）',
          en: 'A task is made before its quota is taken, or on a way that does not take it',
        }
      : { zh: '创建任务前没有扣配额', en: 'A task is made without taking quota' },
    evidence: [
      `${made.table} is paid work: ${moment.roles.why(made.table)}`,
      made.way,
      ...(isLate
        ? [`quota moves at ${at(charge)}, but not before this on every way`]
        : ['no balance moves on the way']),
    ],
  });
}

/** True when the status can only move from where it is meant to. */
function judgeStatus(moment: Moment, result: Result, place: Place): boolean {
  const { w, roles } = moment;
  const { query, frame } = result;
  const isCompared = query.where.some(
    ({ column }) =>
      STATUS.test(column) ||
      /version|revision|^(?:paid_at|refunded|settled_at|ended_at|lease\w*|locked_by|claimed_by)$/.test(column),
  );
  const tested = [...w.state.facts].some(
    ([key, fact]) =>
      key.startsWith(`tested:${query.table}.`) &&
      STATUS.test(key.split('.').at(-1) ?? '') &&
      fact.note === 'locked' &&
      fact.frame === frame,
  );
  if (tested) return true;
  if (isCompared || query.hasUnreadWhere || (moment.isPartial && (frame === 0 || frame === undefined))) return false;
  moment.report({
    ruleId: 'BG230',
    place,
    message: {
      zh: `${query.table} 的状态被无条件改写（没有 WHERE 原状态）`,
      en: `The status of ${query.table} is written whatever it was`,
    },
    evidence: [
      `${query.table} decides about money: ${roles.why(query.table)}`,
      wayTo(moment, place),
      `looked for: WHERE … AND status = the state it may come from, or the row read FOR UPDATE in this transaction and its status looked at; the conditions are on ${query.where.map(({ column }) => column).join(', ') || 'nothing'}`,
    ],
  });
  return true;
}

function reportIgnored(moment: Moment, { query }: Result, { place, way }: Made): void {
  if (moment.isPartial) return;
  moment.report({
    ruleId: 'BG230',
    place,
    message: {
      zh: `${query.table} 状态的条件更新没有检查结果，后面仍然动了配额或金额`,
      en: `Nobody looks at whether this move of ${query.table} won, and quota or money moves after it`,
    },
    evidence: [
      `${query.table} decides about money: ${moment.roles.why(query.table)}`,
      way,
      'when another request moved it first no row is changed, and the rest is done a second time',
    ],
  });
}

function report224(moment: Moment, made: Made & { table: string }): void {
  moment.report({
    ruleId: 'BG224',
    place: made.place,
    message: {
      zh: `${made.table} 被置为失败，但没有返还配额`,
      en: `Rows of ${made.table} fail and their quota is not given back`,
    },
    evidence: [
      `${made.table} is paid work: ${moment.roles.why(made.table)}`,
      made.way,
      'no refund on the way, none promised, and nothing in the tree looks for failed work that was not given back',
    ],
  });
}
