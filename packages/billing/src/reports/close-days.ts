import { AppError, type ClosedPeriod } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit, type Tx, shanghaiDay } from '@yunshang/db';
import { beginChain } from './begin-chain.ts';
import {
  insertClosed,
  insertMemberEnds,
  listClosedBetween,
  listMoneyMarks,
  type NewClosed,
} from './closed-days.store.ts';
import { type ComputedDay, computeDay, type Endings } from './compute-day.ts';
import { type Marks, readMarks } from './ledger-slice.store.ts';
import { listMembersEnding } from './member-facts.store.ts';
import { daysBetween, type Period, periodOf, previousDay, within } from './period.ts';
import { foldDays } from './report-figures.ts';
import { sumDays } from './sum-days.ts';

type Deps = { db: Db; clock: Clock };

/**
 * A day can be closed this long after its end: no transaction that took its time before midnight is still under way. Locks are waited for
 * 10 s, four times at most, and a silent connection is cut after 30 s.
 */
const CLOSE_MARGIN_MS = 30 * 60_000;
/** Days one call closes; the next goes on. */
const PER_RUN = 40;

/**
 * Closes the open days up to `upTo` one by one, in order, each in a transaction of its own with the month and the year it ends. Whoever
 * closes beside it changes nothing: the first has closed it. STATE_CONFLICT for a day that has not been over for long enough.
 */
export async function closeDays(
  { db, clock }: Deps,
  wish: { upTo: string; actor: Actor; reason: string },
): Promise<ClosedPeriod[]> {
  if (!isOver(periodOf('day', wish.upTo), clock.now()))
    throw new AppError('STATE_CONFLICT', { reason: 'day_not_over' });
  const begin = await beginChain(db);
  if (begin === undefined || begin.day > wish.upTo) return [];
  const moneyMarks = await listMoneyMarks(db);
  const endings: Endings = (period) => listMembersEnding(db, period);
  const closed: ClosedPeriod[] = [];
  let { before } = begin;
  // All of these days are over: whatever is posted in them later belongs to a later day.
  const upTo = atLeast(await readMarks(db), before?.upTo);
  const days = daysBetween(begin.day, wish.upTo).slice(0, PER_RUN);
  const wanted = days.map((day) => ({ day, upTo }));
  for await (const summed of sumDays(db, wanted, before?.upTo)) {
    moneyMarks.push({ day: summed.day, upTo: upTo.moneyEntries });
    const computed = await computeDay(db, { summed, before, moneyMarks, endings });
    const written = await close({ db, clock }, computed, wish);
    if (written.length === 0) return closed;
    closed.push(...written);
    before = computed.link;
  }
  return closed;
}

/** The schedule closes a day twelve hours after its end: reconciliation, daily after ten, has posted what it found. */
const AFTER_RECONCILIATION_MS = 12 * 3_600_000;

/** Closes what is due by the clock; returns how many periods. */
export async function closeDueDays(deps: Deps): Promise<number> {
  const today = shanghaiDay(new Date(deps.clock.now().getTime() - AFTER_RECONCILIATION_MS));
  const actor: Actor = { id: null, role: 'system', requestId: 'reports.close' };
  const closed = await closeDays(deps, { upTo: previousDay(today), actor, reason: 'schedule' });
  return closed.length;
}

function isOver(period: Period, now: Date): boolean {
  return now.getTime() >= period.to.getTime() + CLOSE_MARGIN_MS;
}

/** Never less than the day before took, whatever became of the newest rows. */
function atLeast(marks: Marks, before: Marks | undefined): Marks {
  if (before === undefined) return marks;
  return {
    quotaLogs: Math.max(marks.quotaLogs, before.quotaLogs),
    moneyEntries: Math.max(marks.moneyEntries, before.moneyEntries),
    costEntries: Math.max(marks.costEntries, before.costEntries),
  };
}

type Closing = { actor: Actor; reason: string };

async function close({ db, clock }: Deps, { link, ends }: ComputedDay, by: Closing): Promise<ClosedPeriod[]> {
  return inTransaction(db, async (tx) => {
    const now = clock.now();
    const all = { marks: link.upTo, closedBy: by.actor.id, now };
    const day = await insert(tx, { ...all, report: link.report }, by);
    if (day === undefined) return [];
    await insertMemberEnds(tx, link.day, ends);
    const closed = [day];
    for (const kind of ['month', 'year'] as const) {
      const period = periodOf(kind, within(kind, link.day));
      if (period.lastDay !== link.day) continue;
      const longer = await insert(tx, { ...all, report: await foldClosed(tx, period) }, by);
      if (longer === undefined) throw new Error(`${period.period} was closed before its last day`);
      closed.push(longer);
    }
    return closed;
  });
}

/** A month or year out of its closed days. */
async function foldClosed(db: Db, period: Period) {
  const days = await listClosedBetween(db, { kind: 'day', first: period.firstDay, last: period.lastDay });
  return foldDays(
    period,
    days.map(({ report }) => report),
  );
}

async function insert(tx: Tx, closed: NewClosed, { actor, reason }: Closing): Promise<ClosedPeriod | undefined> {
  const period = await insertClosed(tx, closed);
  if (period === undefined) return undefined;
  const { kind, sha256 } = period;
  await recordAudit(tx, actor, {
    action: 'report.closed',
    subjectType: 'report',
    subjectId: `${kind}:${period.period}`,
    details: { sha256, reason },
    now: closed.now,
  });
  return period;
}
