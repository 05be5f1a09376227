import {
  AppError,
  inputInvalid,
  type JobPayload,
  type ReconciliationKind,
  type ReconciliationRun,
} from '@yunshang/contracts';
import {
  type Actor,
  type Db,
  inTransaction,
  isDuplicate,
  promiseJob,
  recordAudit,
  type Tx,
  shanghaiDay,
} from '@yunshang/db';
import { shanghaiHour } from '../calendar/calendar.ts';
import { firstReadingAt } from '../consumption/vendor-account.store.ts';
import { firstCostAt } from '../costs/cost.store.ts';
import type { CompareDeps } from './compare-day.ts';
import { createExceptions, type Exceptions } from './exceptions.ts';
import { findOpenRun, findRun, firstOrderAt, insertRun, listDaysWithRun, listRuns } from './run.store.ts';
import { type WorkDeps, type Worked, workRun } from './work-run.ts';

export type Reconciliation = {
  /** Compares that day again, soon. INPUT_INVALID for a day without bills. A run that is under way is answered instead of a second. */
  start(actor: Actor, of: DayOfKind): Promise<ReconciliationRun>;
  /** RECONCILIATION_NOT_FOUND. */
  run(runId: string): Promise<ReconciliationRun>;
  /** The newest first. */
  runs(page: {
    day?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: ReconciliationRun[]; nextCursor: string | null }>;
  readonly exceptions: Exceptions;
};

export type ReconciliationWork = {
  /** The job `reconciliation.run`; an error means: deliver it again. */
  work(payload: JobPayload<'reconciliation.run'>): Promise<'done' | { againAt: Date }>;
  /** Compares the day in this process and answers what came of it. INPUT_INVALID; STATE_CONFLICT while another process does. */
  runNow(day: string, kind?: ReconciliationKind): Promise<{ run: ReconciliationRun; worked: Exclude<Worked, 'busy'> }>;
  /** Promises the days of the last week whose bills are there and that nobody has compared. Answers which. */
  promiseDue(): Promise<DayOfKind[]>;
};

export type DayOfKind = { day: string; kind: ReconciliationKind };

const DAY_MS = 86_400_000;
/** WeChat Pay keeps bills for three months. */
const KEPT_DAYS = 90;
/** Bills of yesterday are there from ten o'clock on, in Asia/Shanghai. */
const BILLS_HOUR = 10;
const LOOK_BACK_DAYS = 7;
/** When the job of a run that a command carries out takes over, should the command die. */
const TAKE_OVER_MS = 10 * 60_000;
/** When somebody else works on the run. */
const BUSY_PAUSE_MS = 60_000;

type Cause = { cause: ReconciliationRun['cause']; actor: Actor };

export function createReconciliation(deps: Pick<CompareDeps, 'db' | 'clock'>): Reconciliation {
  const { db, clock } = deps;
  return {
    exceptions: createExceptions(deps),
    start: (actor, of) => startRun(deps, { cause: 'request', actor }, { ...of, dueAt: clock.now() }),
    run: async (runId) => {
      const run = await findRun(db, runId);
      if (run === undefined) throw new AppError('RECONCILIATION_NOT_FOUND');
      return run;
    },
    runs: (page) => listRuns(db, page),
  };
}

export function createReconciliationWork(deps: WorkDeps): ReconciliationWork {
  const { db, clock } = deps;
  const system: Actor = { id: null, role: 'system', requestId: 'reconcile' };
  return {
    async work({ runId }) {
      const run = await findRun(db, runId);
      if (run === undefined) return 'done';
      const worked = await workRun(deps, run);
      return worked === 'busy' ? { againAt: new Date(clock.now().getTime() + BUSY_PAUSE_MS) } : worked;
    },
    async runNow(day, kind = 'wechat') {
      const dueAt = new Date(clock.now().getTime() + TAKE_OVER_MS);
      const run = await startRun(deps, { cause: 'command', actor: system }, { day, kind, dueAt });
      const worked = await workRun(deps, run);
      if (worked === 'busy') throw new AppError('STATE_CONFLICT', { reason: 'reconciliation_running' });
      return { run: (await findRun(db, run.id)) ?? run, worked };
    },
    async promiseDue() {
      const due = [
        ...(await dueDays(deps, 'wechat', await firstDayWithOrders(db))),
        ...(await dueDays(deps, 'provider', await firstDayWithCosts(db))),
      ];
      for (const of of due) await startRun(deps, { cause: 'schedule', actor: system }, { ...of, dueAt: clock.now() });
      return due;
    },
  };
}

async function startRun(
  { db, clock }: Pick<CompareDeps, 'db' | 'clock'>,
  { cause, actor }: Cause,
  { day, kind, dueAt }: DayOfKind & { dueAt: Date },
): Promise<ReconciliationRun> {
  const now = clock.now();
  assertHasBills(day, now);
  const open = await findOpenRun(db, { day, kind });
  if (open !== undefined) return open;
  try {
    const runId = await inTransaction(db, async (tx) => {
      const id = await insertRun(tx, { day, kind, cause, requestedBy: actor.id, now });
      await promiseJob(tx, {
        job: 'reconciliation.run',
        payload: { runId: id },
        dedupKey: `reconciliation:${id}`,
        now,
        dueAt,
      });
      await auditStart(tx, actor, { id, day, kind, cause, now });
      return id;
    });
    const run = await findRun(db, runId);
    if (run === undefined) throw new Error('a run is gone');
    return run;
  } catch (error) {
    if (!isDuplicate(error, 'uq_reconciliation_runs_open')) throw error;
    const other = await findOpenRun(db, { day, kind });
    if (other === undefined) throw new AppError('STATE_CONFLICT', { reason: 'reconciliation_running' });
    return other;
  }
}

function auditStart(tx: Tx, actor: Actor, run: DayOfKind & { id: string; cause: string; now: Date }): Promise<void> {
  const { id: subjectId, day, kind, cause, now } = run;
  const details = { day, kind, cause };
  return recordAudit(tx, actor, {
    action: 'reconciliation.started',
    subjectType: 'reconciliation',
    subjectId,
    details,
    now,
  });
}

function assertHasBills(day: string, now: Date): void {
  if (day >= shanghaiDay(now))
    throw inputInvalid('day', 'past', {
      zh: '只能对账已结束的日期',
      en: 'a day can be reconciled when it is over',
    });
  if (day < shanghaiDay(new Date(now.getTime() - KEPT_DAYS * DAY_MS)))
    throw inputInvalid('day', 'kept', {
      zh: '微信支付只保留三个月内的账单',
      en: 'WeChat Pay keeps bills for three months',
    });
}

/** Nothing was before the first order. */
async function firstDayWithOrders(db: Db): Promise<string | undefined> {
  const first = await firstOrderAt(db);
  return first === undefined ? undefined : shanghaiDay(first);
}

/** A vendor's account is known from its first reading on; without any, costs are from the first of them on. */
async function firstDayWithCosts(db: Db): Promise<string | undefined> {
  const first = (await firstReadingAt(db)) ?? (await firstCostAt(db));
  return first === undefined ? undefined : shanghaiDay(first);
}

async function dueDays(
  { db, clock }: Pick<CompareDeps, 'db' | 'clock'>,
  kind: ReconciliationKind,
  first: string | undefined,
): Promise<DayOfKind[]> {
  const now = clock.now();
  if (first === undefined) return [];
  const newest = shanghaiHour(now) >= BILLS_HOUR ? 1 : 2;
  const days = Array.from({ length: LOOK_BACK_DAYS }, (_, index) =>
    shanghaiDay(new Date(now.getTime() - (newest + index) * DAY_MS)),
  ).filter((day) => day >= first);
  if (days.length === 0) return [];
  const known = await listDaysWithRun(db, { days, kind });
  return days
    .filter((day) => !known.has(day))
    .toSorted()
    .map((day) => ({ day, kind }));
}
