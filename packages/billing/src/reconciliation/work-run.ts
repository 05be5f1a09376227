import type { ReconciliationRun } from '@yunshang/contracts';
import { type Clock, type Db, inTransaction, raiseAlert, recordAudit } from '@yunshang/db';
import { dayStart } from '../calendar/calendar.ts';
import { compareConsumption } from '../consumption/compare-consumption.ts';
import type { ConsumptionBook } from '../consumption/consumption-book.ts';
import { compareDay, type CompareDeps, type Compared, type DayRun } from './compare-day.ts';
import { finding } from './exception.ts';
import { type FoundKind, listFound } from './exception.store.ts';
import { beginFindings, endGone, keepFindings } from './keep-findings.ts';
import { finishRun, keepRun, releaseRun, takeRun } from './run.store.ts';

/** A comparison says at least this often that it is alive; it asks vendors in between, who take their time. */
const HOLD_MS = 5 * 60_000;
/** How long to wait for a bill that is being made. */
const CREATING_PAUSE_MS = 30 * 60_000;
const HOUR_MS = 3_600_000;
/** Bills come about 10:00 of the next day; so late something is wrong. In hours from the day's beginning. */
const LATE_AFTER_HOURS = 24 + 22;

export type WorkDeps = CompareDeps & {
  /** The accounts at vendors that say what they consumed. */
  consumption: () => Promise<readonly ConsumptionBook[]>;
};
type Kept = { db: Db; clock: Clock };

export type Worked = 'done' | 'busy' | { againAt: Date };

/** Carries a run to its end, or as far as the bills are there. `busy`: somebody else works on it. Throws while a vendor does not answer. */
export async function workRun(deps: WorkDeps, run: ReconciliationRun): Promise<Worked> {
  const { db, clock } = deps;
  const until = (): Date => new Date(clock.now().getTime() + HOLD_MS);
  if (run.state === 'done') return 'done';
  if (!(await takeRun(db, run.id, { now: clock.now(), until: until() }))) return 'busy';
  try {
    const { id, day, kind } = run;
    await beginFindings(db, id);
    const of: DayRun = {
      id,
      day,
      onProgress: () => keepRun(db, id, until()),
      keep: (found) => keepFindings(db, [found], { runId: id, day, kind, now: clock.now() }),
    };
    return kind === 'wechat' ? await workBills(deps, run, of) : await workConsumption(deps, run, of);
  } catch (error) {
    await releaseRun(db, run.id, 'queued');
    throw error;
  }
}

async function workBills(deps: WorkDeps, run: ReconciliationRun, of: DayRun): Promise<Worked> {
  const compared = await compareDay(deps, of);
  if (compared === 'creating') return wait(deps, run);
  await finish(deps, run, compared);
  return 'done';
}

/** While a vendor can not be read the run waits, and ends late with that as a difference. */
async function workConsumption(deps: WorkDeps, run: ReconciliationRun, of: DayRun): Promise<Worked> {
  const { db } = deps;
  const compared = await compareConsumption(await deps.consumption(), of);
  const now = deps.clock.now();
  if (compared.isComplete || isLate(run, now)) {
    await finish(deps, run, compared);
    return 'done';
  }
  await keepFindings(db, compared.tally.findings, foundIn(run, now));
  await releaseRun(db, run.id, 'waiting');
  return { againAt: new Date(now.getTime() + CREATING_PAUSE_MS) };
}

function isLate(run: ReconciliationRun, now: Date): boolean {
  return now.getTime() - dayStart(run.day).getTime() >= LATE_AFTER_HOURS * HOUR_MS;
}

async function wait(deps: Kept, run: ReconciliationRun): Promise<Worked> {
  const { db } = deps;
  const now = deps.clock.now();
  if (isLate(run, now)) {
    await keepFindings(db, [finding('bill_late', `wechat:${run.day}`)], foundIn(run, now));
    await tell(db, run, { found: await listFound(db, run.id), period: 'late', now });
  }
  await releaseRun(db, run.id, 'waiting');
  return { againAt: new Date(now.getTime() + CREATING_PAUSE_MS) };
}

function foundIn({ id: runId, day, kind }: ReconciliationRun, now: Date) {
  return { runId, day, kind, now };
}

async function finish(deps: Kept, run: ReconciliationRun, { tally, isComplete }: Compared): Promise<void> {
  const { db, clock } = deps;
  const now = clock.now();
  await keepFindings(db, tally.findings, foundIn(run, now));
  const gone = isComplete ? await endGone(db, foundIn(run, now)) : 0;
  const found = await listFound(db, run.id);
  const healed = found.filter(({ isHealed }) => isHealed).length;
  const { bills, sums } = tally;
  const counts = { ...tally.counts, gone, news: found.filter(({ isNews }) => isNews).length };
  await inTransaction(db, async (tx) => {
    const isFinished = await finishRun(tx, run.id, { bills, counts, sums, found: found.length, healed, now });
    if (!isFinished) throw new Error('a run was ended by somebody else');
    await recordAudit(
      tx,
      { id: null, role: 'system', requestId: `reconcile:${run.id}` },
      {
        action: 'reconciliation.done',
        subjectType: 'reconciliation',
        subjectId: run.id,
        details: {
          day: run.day,
          kind: run.kind,
          found: found.length,
          healed,
          gone,
          hashes: bills.map(({ sha1 }) => sha1),
        },
        now,
      },
    );
    await tell(tx, run, { found, period: 'done', now });
  });
}

/** Once a run, however much it has found; not of what was told before. */
async function tell(
  db: Db,
  run: ReconciliationRun,
  { found, period, now }: { found: readonly FoundKind[]; period: 'late' | 'done'; now: Date },
): Promise<void> {
  const news = found.filter(({ isNews }) => isNews);
  if (news.length === 0) return;
  const left = news.filter(({ isHealed }) => !isHealed);
  const details = {
    runId: run.id,
    day: run.day,
    found: news.length,
    healed: news.length - left.length,
    kinds: [...new Set(left.map(({ kind }) => kind))].toSorted().join(', ').slice(0, 400),
  };
  await raiseAlert(db, { kind: 'reconciliation_exception', subject: run.id, period, details }, now);
}
