import type { Plan } from '@yunshang/contracts';
import type { Db, PlansTable } from '@yunshang/db';
import type { Selectable } from 'kysely';

/** What is on sale: the newest published version of each plan, the lowest level first. */
export async function listPlans(db: Db): Promise<Plan[]> {
  const rows = await newestPublished(db).orderBy('plans.level').orderBy('plans.plan_id').execute();
  return rows.map(toPlan);
}

/** The newest published version of one plan. */
export async function findPlan(db: Db, planId: string): Promise<Plan | undefined> {
  const row = await newestPublished(db).where('plans.plan_id', '=', planId).executeTakeFirst();
  return row === undefined ? undefined : toPlan(row);
}

function newestPublished(db: Db) {
  return db
    .selectFrom('plans')
    .selectAll('plans')
    .where('plans.status', '=', 'published')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('plans as newer')
            .select('newer.version')
            .whereRef('newer.plan_id', '=', 'plans.plan_id')
            .whereRef('newer.version', '>', 'plans.version')
            .where('newer.status', '=', 'published'),
        ),
      ),
    );
}

export function toPlan(row: Selectable<PlansTable>): Plan {
  return {
    planId: row.plan_id,
    version: row.version,
    level: row.level,
    title: row.title,
    titleEn: row.title_en,
    priceFen: row.price_fen,
    quota: row.quota,
    periodDays: row.period_days,
    periodMonths: row.period_months,
  };
}
