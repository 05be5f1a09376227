import { AppError, type ErrorDetails } from '@yunshang/contracts';
import { raiseAlert, type Clock, type Db } from '@yunshang/db';
import { MICRO_YUAN_PER_FEN } from '../costs/amount.ts';
import { weekEnd, weekOf } from '../calendar/calendar.ts';
import { featureOf, limitsOf, type Reservation } from './budget.ts';
import { listBudgetWeek } from './budget.store.ts';
import { getGlobalBudget } from './global-budget.store.ts';

export type WantedBudget = {
  featureId: string;
  weeklyBudgetFen: number | null;
  /** What one task is going to cost; asked only when there is a budget. */
  estimate: () => Promise<number>;
};

/** Stands before the creation of tasks. The database has the last word on each reservation; this knows what is asked of it. */
export type BudgetGate = {
  /** What one task of the feature reserves now; null while neither the feature nor the whole has a budget. */
  reservationFor(wish: WantedBudget): Promise<Reservation | null>;
  /** Details of the refusal when as much was refused a moment ago: the database need not be asked again at once. */
  closed(reservation: Reservation, tasks: number): ErrorDetails | undefined;
  /** The database has refused: BUDGET_EXCEEDED that names the budget and when it begins anew. Tells a person on call once a week. */
  refused(reservation: Reservation, tasks: number): Promise<AppError>;
};

/** How long a change of the global budget may stay unseen by this process. */
const FRESH_MS = 3_000;
/** How long a refusal is believed without asking again; a task that ends may have given back what it held. */
const CLOSED_MS = 1_000;

type Closed = { until: number; week: string; microYuan: number };

export function createBudgetGate({ db, clock }: { db: Db; clock: Clock }): BudgetGate {
  let known: { at: number; fen: Promise<number | null> } | undefined;
  const closed = new Map<string, Closed>();

  function globalFen(): Promise<number | null> {
    const now = clock.now().getTime();
    if (known !== undefined && now - known.at >= 0 && now - known.at < FRESH_MS) return known.fen;
    const fresh = { at: now, fen: getGlobalBudget(db).then((budget) => budget.weeklyBudgetFen) };
    known = fresh;
    fresh.fen.catch(() => {
      if (known === fresh) known = undefined;
    });
    return fresh.fen;
  }

  return {
    reservationFor: async ({ featureId, weeklyBudgetFen, estimate }) => {
      const fen = await globalFen();
      if (fen === null && weeklyBudgetFen === null) return null;
      return {
        featureId,
        microYuan: await estimate(),
        feature: microYuanOf(weeklyBudgetFen),
        global: microYuanOf(fen),
      };
    },
    closed: (reservation, tasks) => {
      const now = clock.now();
      const scope = limitsOf(reservation)
        .map(([name]) => name)
        .find((name) => isClosed(closed.get(name), { microYuan: reservation.microYuan * tasks, now }));
      return scope === undefined ? undefined : detailsOf(scope, now);
    },
    refused: async (reservation, tasks) => {
      const now = clock.now();
      const week = weekOf(now);
      const scope = await fullScope(db, reservation, { week, tasks });
      const microYuan = reservation.microYuan * tasks;
      closed.set(scope, { until: now.getTime() + CLOSED_MS, week, microYuan });
      // One task does not fit: the budget is used up. A long batch may only be too long for what is left.
      if (tasks === 1)
        await raiseAlert(db, { kind: 'budget_100', subject: scope, period: week, details: { scope } }, now);
      return new AppError('BUDGET_EXCEEDED', detailsOf(scope, now));
    },
  };
}

function microYuanOf(fen: number | null): number | undefined {
  return fen === null ? undefined : fen * MICRO_YUAN_PER_FEN;
}

function isClosed(entry: Closed | undefined, asked: { microYuan: number; now: Date }): boolean {
  if (entry === undefined || entry.until <= asked.now.getTime() || entry.week !== weekOf(asked.now)) return false;
  return asked.microYuan >= entry.microYuan;
}

function detailsOf(scope: string, now: Date): ErrorDetails {
  const resetsAt = weekEnd(weekOf(now));
  return {
    limit: featureOf(scope) === undefined ? 'global' : 'feature',
    resetsAt: resetsAt.toISOString(),
    retryAfterSeconds: Math.max(1, Math.ceil((resetsAt.getTime() - now.getTime()) / 1000)),
  };
}

/** The budget that what is asked goes beyond; the first of them when each has room again by now. */
async function fullScope(
  db: Db,
  reservation: Reservation,
  { week, tasks }: { week: string; tasks: number },
): Promise<string> {
  const limits = limitsOf(reservation);
  const used = new Map(
    (
      await listBudgetWeek(
        db,
        week,
        limits.map(([scope]) => scope),
      )
    ).map((row) => [row.scope, row.usedMicroYuan]),
  );
  const asked = reservation.microYuan * tasks;
  const full = limits.find(([scope, limit]) => (used.get(scope) ?? 0) + asked > limit);
  const [scope] = full ?? limits[0] ?? [];
  if (scope === undefined) throw new Error('a reservation without a budget');
  return scope;
}
