import type { Report } from '@yunshang/contracts';
import { type Db, shanghaiDay } from '@yunshang/db';
import { dayStart } from '../calendar/calendar.ts';
import { dayFigures } from './day-figures.ts';
import type { DaySlice, Marks } from './ledger-slice.store.ts';
import { listFacts, listMovedMembers, type PostedFact } from './member-facts.store.ts';
import { type MemberEvent, type MemberFact, walkMember } from './member-walk.ts';
import type { Period } from './period.ts';
import { reportOf } from './report-figures.ts';
import type { SummedDay } from './sum-days.ts';

/** When somebody's membership ends, as the day leaves it. */
export type MemberEnd = { userId: string; endsAt: Date };
/** A day of a chain: each is made with the one before it at hand. */
export type Link = { day: string; report: Report; upTo: Marks };
export type ComputedDay = { link: Link; ends: MemberEnd[] };

/** Whose membership was to end in that time. */
export type Endings = (period: Period) => Promise<readonly string[]>;

/** Up to which row of the money ledger each day took what was posted in it: days without a gap, the earliest first. */
export type MoneyMarks = readonly { day: string; upTo: number }[];

/**
 * The report of one day from the ledgers alone. It depends on nothing but their rows, the marks and the day before, so it has the same
 * bytes whenever it is made. `endings` names who may lapse on it, as the days before it left them.
 */
export async function computeDay(
  db: Db,
  of: { summed: SummedDay; before: Link | undefined; moneyMarks: MoneyMarks; endings: Endings },
): Promise<ComputedDay> {
  const { day, period, slice, sums } = of.summed;
  const { upTo } = slice;
  const { events, ends } = await membersOf(db, { ...of, period, slice, upTo });
  const figures = dayFigures(sums, { events, upTo, before: of.before?.report });
  return { link: { day, report: reportOf(period, figures), upTo }, ends };
}

async function membersOf(
  db: Db,
  of: { period: Period; slice: DaySlice; upTo: Marks; moneyMarks: MoneyMarks; endings: Endings },
): Promise<{ events: MemberEvent[]; ends: MemberEnd[] }> {
  const { from, to } = of.period;
  const moved = await listMovedMembers(db, of.slice);
  const userIds = [...new Set([...moved, ...(await of.endings(of.period))])];
  const facts = await listFacts(db, { userIds, upTo: of.upTo.moneyEntries, before: to });
  const walks = [...facts].map(([userId, posted]) => ({ userId, ...walkMember(inOrder(posted, of.moneyMarks), to) }));
  const events = walks.flatMap((walk) => walk.events.filter(({ at }) => at >= from && at < to));
  const isMoved = new Set(moved);
  const ends = walks.flatMap(({ userId, endsAt }) =>
    isMoved.has(userId) && endsAt !== undefined && endsAt >= to ? [{ userId, endsAt }] : [],
  );
  return { events, ends };
}

/** What came after its day was closed counts from the beginning of the day that took it. */
function inOrder(facts: readonly PostedFact[], marks: MoneyMarks): MemberFact[] {
  return facts
    .map((fact) => ({ ...fact, at: countsAt(fact, marks) }))
    .toSorted((one, other) => one.at.getTime() - other.at.getTime() || one.id - other.id);
}

function countsAt({ id, postedAt }: PostedFact, marks: MoneyMarks): Date {
  const posted = shanghaiDay(postedAt);
  const taking = marks.find(({ day, upTo }) => day >= posted && upTo >= id)?.day ?? posted;
  return taking === posted ? postedAt : dayStart(taking);
}
