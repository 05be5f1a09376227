import {
  AppError,
  type ClosedPeriod,
  inputInvalid,
  type Report,
  type ReportAnswer,
  type ReportFormat,
  type ReportKind,
} from '@yunshang/contracts';
import { type Actor, type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { beginChain } from './begin-chain.ts';
import { canonicalJson, sha256Of } from './canonical.ts';
import { closeDays } from './close-days.ts';
import {
  findClosed,
  findLastClosedDay,
  listClosedBetween,
  listClosedPeriods,
  listMoneyMarks,
} from './closed-days.store.ts';
import { computeDay, type Endings, type Link } from './compute-day.ts';
import { keepEndings } from './kept-endings.ts';
import { readMarks } from './ledger-slice.store.ts';
import { listMembersEnding } from './member-facts.store.ts';
import { daysBetween, type Period, periodOf } from './period.ts';
import { reportFile } from './report-file.ts';
import { closingOf, emptyFigures, foldDays, reportOf } from './report-figures.ts';
import { sumDays } from './sum-days.ts';

export type Reports = {
  /**
   * A closed period as it was closed, an open one as the ledgers are now. INPUT_INVALID for a period that is none or has not begun;
   * STATE_CONFLICT when too many days before it are open.
   */
  get(input: { kind: ReportKind; period: string }): Promise<ReportAnswer>;
  /** The same as a file, `base64`. */
  file(input: {
    kind: ReportKind;
    period: string;
    format: ReportFormat;
  }): Promise<{ name: string; contentType: string; base64: string }>;
  /** Closed periods, the newest first; `cursor` is the `nextCursor` of the page before. */
  list(page: {
    kind: ReportKind;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: ClosedPeriod[]; nextCursor: string | null }>;
  /**
   * Closes every open day up to this one, and the months and years they end. Answers what has been closed. STATE_CONFLICT for a day that
   * has not been over for long enough.
   */
  close(actor: Actor, input: { day: string; reason: string }): Promise<ClosedPeriod[]>;
};

/** Days that one question may compute: two months without closing, and somebody should look why. */
const MOST_OPEN_DAYS = 62;

export function createReports(deps: { db: Db; clock: Clock }): Reports {
  const { db, clock } = deps;
  return {
    get: (input) => getReport(deps, input),
    async file({ format, ...which }) {
      const { report } = await getReport(deps, which);
      const { bytes, ...file } = await reportFile(report, format);
      return { ...file, base64: Buffer.from(bytes).toString('base64') };
    },
    list: (page) => listClosedPeriods(db, page),
    close: async (actor, { day, reason }) =>
      closeDays({ db, clock }, { upTo: periodOf('day', day).period, actor, reason }),
  };
}

async function getReport({ db, clock }: { db: Db; clock: Clock }, input: { kind: ReportKind; period: string }) {
  const period = periodOf(input.kind, input.period);
  const closed = await findClosed(db, period.kind, period.period);
  if (closed !== undefined) return { report: closed.report, sha256: closed.sha256, closedAt: closed.closedAt };
  const today = shanghaiDay(clock.now());
  if (period.firstDay > today)
    throw inputInvalid('period', 'past', { zh: '该期间尚未开始', en: 'the period has not begun' });
  const report = await openReport(db, period, today);
  return { report, sha256: sha256Of(canonicalJson(report)), closedAt: null };
}

async function openReport(db: Db, period: Period, today: string): Promise<Report> {
  const last = period.lastDay < today ? period.lastDay : today;
  const closed = await listClosedBetween(db, { kind: 'day', first: period.firstDay, last });
  const known = closed.map(({ period: day, report, marks }): Link => ({ day, report, upTo: marks }));
  const links = [...known, ...(await openDays(db, last))].filter(({ day }) => day >= period.firstDay);
  if (period.kind === 'day')
    return links[0]?.report ?? reportOf(period, emptyFigures(closingOf(await reportBefore(db, period.firstDay))));
  const reports = links.map(({ report }) => report);
  return foldDays(period, reports, reports.length > 0 ? undefined : await reportBefore(db, period.firstDay));
}

async function reportBefore(db: Db, day: string): Promise<Report | undefined> {
  const closed = await findLastClosedDay(db, day);
  return closed === undefined ? undefined : (await findClosed(db, 'day', closed))?.report;
}

/** The days that are not closed, from the first of them to `last`, as the ledgers are now. */
async function openDays(db: Db, last: string): Promise<Link[]> {
  const begin = await beginChain(db);
  if (begin === undefined || begin.day > last) return [];
  const days = daysBetween(begin.day, last);
  if (days.length > MOST_OPEN_DAYS) throw new AppError('STATE_CONFLICT', { reason: 'close_earlier_days_first' });
  const upTo = await readMarks(db);
  const moneyMarks = await listMoneyMarks(db);
  const links: Link[] = [];
  const kept = keepEndings();
  const endings: Endings = async (time) => [...(await listMembersEnding(db, time)), ...(await kept.endings(time))];
  let { before } = begin;
  const wanted = days.map((day) => ({ day, upTo }));
  for await (const summed of sumDays(db, wanted, before?.upTo)) {
    moneyMarks.push({ day: summed.day, upTo: upTo.moneyEntries });
    const { link, ends } = await computeDay(db, { summed, before, moneyMarks, endings });
    kept.keep(ends);
    links.push(link);
    before = link;
  }
  return links;
}
