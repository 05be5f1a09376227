import { AppError, type Budget, type BudgetsOutput, type GlobalBudget } from '@yunshang/contracts';
import { inTransaction, raiseAlert, recordAudit, type Actor, type Clock, type Db } from '@yunshang/db';
import { dayStart, weekEnd, weekOf } from '../calendar/calendar.ts';
import { MICRO_YUAN_PER_FEN } from '../costs/amount.ts';
import { featureScope, GLOBAL, levelOf } from './budget.ts';
import { listBudgetWeek, type BudgetWeek } from './budget.store.ts';
import { getGlobalBudget, saveGlobalBudget } from './global-budget.store.ts';

/** What a feature may cost in a week; null for no limit. */
export type FeatureBudget = { featureId: string; title: string; weeklyBudgetFen: number | null };
export type SetGlobalBudget = { weeklyBudgetFen: number | null; revision: number; reason: string };

export type Budgets = {
  /** The week that holds `day`, this one unless told: every feature with a budget or costs, and all of them together. */
  list(input: { day?: string | undefined }): Promise<BudgetsOutput>;
  /** In force within seconds. Throws STATE_CONFLICT when it has moved on from `revision`. */
  setGlobal(actor: Actor, change: SetGlobalBudget): Promise<GlobalBudget>;
  /** Tells a person on call of each budget that is used to 80 or 100 %, once a week. Returns how many are news. */
  watch(): Promise<number>;
};

type Deps = {
  db: Db;
  clock: Clock;
  /** The features there are. */
  features: () => Promise<FeatureBudget[]>;
};

export function createBudgets({ db, clock, features }: Deps): Budgets {
  async function listWeek(week: string): Promise<{ items: Budget[]; revision: number }> {
    const [rows, known, global] = await Promise.all([listBudgetWeek(db, week), features(), getGlobalBudget(db)]);
    const byScope = new Map(rows.map((row) => [row.scope, row]));
    const whole = { featureId: null, title: '全部功能', weeklyBudgetFen: global.weeklyBudgetFen };
    const items = [
      budgetOf(whole, byScope.get(GLOBAL)),
      ...known
        .filter(({ featureId, weeklyBudgetFen }) => weeklyBudgetFen !== null || byScope.has(featureScope(featureId)))
        .map((feature) => budgetOf(feature, byScope.get(featureScope(feature.featureId)))),
    ];
    return { items, revision: global.revision };
  }

  return {
    list: async ({ day }) => {
      const week = weekOf(day === undefined ? clock.now() : dayStart(day));
      return { week, resetsAt: weekEnd(week).toISOString(), ...(await listWeek(week)) };
    },
    setGlobal: async (actor, { weeklyBudgetFen, revision, reason }) => {
      await inTransaction(db, async (tx) => {
        const now = clock.now();
        const before = await getGlobalBudget(tx);
        if (!(await saveGlobalBudget(tx, { weeklyBudgetFen, revision, by: actor.id, now })))
          throw new AppError('STATE_CONFLICT', { reason: `revision is ${before.revision}` });
        const details = { before: before.weeklyBudgetFen, after: weeklyBudgetFen, reason };
        const entry = { action: 'budget.global_set', subjectType: 'budget', subjectId: GLOBAL, details, now };
        await recordAudit(tx, actor, entry);
      });
      return { weeklyBudgetFen, revision: revision + 1 };
    },
    watch: async () => {
      const now = clock.now();
      const week = weekOf(now);
      let news = 0;
      for (const budget of (await listWeek(week)).items) if (await tellOf(db, budget, { week, now })) news += 1;
      return news;
    },
  };
}

function budgetOf(
  feature: { featureId: string | null; title: string; weeklyBudgetFen: number | null },
  row: BudgetWeek | undefined,
): Budget {
  const { usedMicroYuan = 0, spentMicroYuan = 0, reservedMicroYuan = 0 } = row ?? {};
  const limit = feature.weeklyBudgetFen === null ? null : feature.weeklyBudgetFen * MICRO_YUAN_PER_FEN;
  return {
    ...feature,
    usedMicroYuan,
    spentMicroYuan,
    reservedMicroYuan,
    usedPercent: limit === null ? null : Number((BigInt(usedMicroYuan) * 100n) / BigInt(limit)),
    level: limit === null ? 'within' : levelOf(usedMicroYuan, limit),
  };
}

const ALERT_OF = { warned: 'budget_80', full: 'budget_100' } as const;

function tellOf(db: Db, budget: Budget, { week, now }: { week: string; now: Date }): Promise<boolean> {
  const { level, featureId, usedMicroYuan, weeklyBudgetFen } = budget;
  if (level === 'within') return Promise.resolve(false);
  const scope = featureId === null ? GLOBAL : featureScope(featureId);
  const details = { scope, usedMicroYuan, weeklyBudgetFen: weeklyBudgetFen ?? 0 };
  return raiseAlert(db, { kind: ALERT_OF[level], subject: scope, period: week, details }, now);
}
