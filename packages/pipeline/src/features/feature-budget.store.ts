import type { FeatureBudget } from '@yunshang/billing';
import type { Db } from '@yunshang/db';

/** Features that are not deleted, with what each may cost in a week, in display order. */
export async function listFeatureBudgets(db: Db): Promise<FeatureBudget[]> {
  const rows = await db
    .selectFrom('feature_definitions')
    .select(['feature_id', 'title', 'weekly_budget_fen'])
    .where('deleted_at', 'is', null)
    .orderBy('display_order')
    .execute();
  return rows.map((row) => ({
    featureId: row.feature_id,
    title: row.title,
    weeklyBudgetFen: row.weekly_budget_fen,
  }));
}
